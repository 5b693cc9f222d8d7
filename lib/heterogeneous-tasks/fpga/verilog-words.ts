import type { ElementType } from "../value.ts";

const word = new DataView(new ArrayBuffer(4));

/** The digits of an element in so many bits: hexadecimal, or binary where asked. */
export function bits(element: number, type: ElementType, width: number, radix: 2 | 16 = 16): string {
  if (type === "f32") word.setFloat32(0, element);
  else word.setInt32(0, element);
  const all = BigInt.asUintN(width, BigInt(word.getInt32(0)));
  return all.toString(radix).padStart(radix === 2 ? width : 1, "0");
}

/** Elements as one number, the first in its lowest bits; zeros for so many elements `below` it. */
export function packed(elements: ArrayLike<number>, type: ElementType, width: number, below = 0): string {
  const digits = Array.from(elements, (element) => bits(element, type, width, 2)).reverse();
  return `${width * (elements.length + below)}'b${digits.join("")}${"0".repeat(width * below)}`;
}

/** Bits that tell so many places apart; at least one. */
export function addressBits(places: number): number {
  return Math.max(1, Math.ceil(Math.log2(places)));
}

/**
 * Division, square root and conversion to whole numbers, as IEEE 754 rounds them: WGSL's own may be 2.5 units in the last place away and more. A quotient or root of mantissas is guessed
 * with WGSL's own, as a whole number of 25 bits, and corrected by what is left over: modulo 2^32, as it is small. The lowest bit and whether anything is left round it to the nearest, ties
 * to even; numbers below the normal ones too.
 */
export const wgslArithmetic = /* wgsl */ `
fn exponentOf(bits: u32) -> i32 { return i32((bits >> 23u) & 255u); }
fn number(bits: u32) -> f32 { return bitcast<f32>(bits ^ place.zero); }

fn whole(a: f32) -> i32 {
  if ((bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u) { return 0; }
  if (a >= 2147483648f) { return 2147483647; }
  if (a <= -2147483648f) { return bitcast<i32>(0x80000000u); }
  return i32(a);
}

/* q has 25 bits, or 24 where it is below 2^24; the result is q times 2^(e - 151), rounded; rest: whether there is more than q. */
fn rounded(q: u32, rest: bool, e: i32, sign: u32) -> f32 {
  if (e > 254) { return number(sign | 0x7f800000u); }
  let drop = u32(1 + max(0, min(1 - e, 30)));
  let m = q >> drop;
  let left = q & ((1u << drop) - 1u);
  let half = 1u << (drop - 1u);
  let up = left > half || (left == half && (rest || (m & 1u) == 1u));
  let base = u32(max(e - 1, 0)) << 23u;
  return number(sign | (base + m + select(0u, 1u, up)));
}

fn quotient(a: f32, b: f32) -> f32 {
  let sign = (bitcast<u32>(a) ^ bitcast<u32>(b)) & 0x80000000u;
  let p = bitcast<u32>(a) & 0x7fffffffu;
  let d = bitcast<u32>(b) & 0x7fffffffu;
  if (p > 0x7f800000u || d > 0x7f800000u || (p == d && (p == 0u || p == 0x7f800000u))) { return number(0x7fc00000u); }
  if (p == 0x7f800000u || d == 0u) { return number(sign | 0x7f800000u); }
  if (p == 0u || d == 0x7f800000u) { return number(sign); }
  var ep = exponentOf(p);
  var ed = exponentOf(d);
  var mp = p & 0x7fffffu;
  var md = d & 0x7fffffu;
  if (ep == 0) { let by = countLeadingZeros(mp) - 8u; mp <<= by; ep = 1 - i32(by); } else { mp |= 0x800000u; }
  if (ed == 0) { let by = countLeadingZeros(md) - 8u; md <<= by; ed = 1 - i32(by); } else { md |= 0x800000u; }
  let s = select(25u, 24u, mp >= md);
  var q = u32(f32(mp) / f32(md) * f32(1u << s));
  var r = bitcast<i32>((mp << s) - q * md);
  let more = i32(floor(f32(r) / f32(md)));
  q = bitcast<u32>(bitcast<i32>(q) + more);
  r -= more * i32(md);
  if (r < 0) { q -= 1u; r += i32(md); }
  if (r >= i32(md)) { q += 1u; r -= i32(md); }
  return rounded(q, r != 0, ep - ed + 151 - i32(s), sign);
}

fn root(a: f32) -> f32 {
  let bits = bitcast<u32>(a);
  if ((bits & 0x7fffffffu) == 0u || bits == 0x7f800000u) { return number(bits); }
  if (bits > 0x7f800000u) { return number(0x7fc00000u); }
  var e = exponentOf(bits);
  var m = bits & 0x7fffffu;
  if (e == 0) { let by = countLeadingZeros(m) - 8u; m <<= by; e = 1 - i32(by); } else { m |= 0x800000u; }
  let s = 25u + (bitcast<u32>(e + 1) & 1u);
  var q = u32(sqrt(f32(m) * f32(1u << s)));
  var r = bitcast<i32>((m << s) - q * q);
  let more = i32(floor(f32(r) / f32(2u * q)));
  q = bitcast<u32>(bitcast<i32>(q) + more);
  r = bitcast<i32>((m << s) - q * q);
  if (r < 0) { q -= 1u; r += bitcast<i32>(2u * q + 1u); }
  if (r > bitcast<i32>(2u * q)) { r -= bitcast<i32>(2u * q + 1u); q += 1u; }
  return rounded(q, r != 0, (e - 150 - i32(s)) / 2 + 151, 0u);
}
`;

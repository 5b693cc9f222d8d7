import { describe, expect, it } from "vitest";
import { encodeKey, signS3 } from "../sign-s3.ts";

// Of the examples in the API reference of Amazon S3, "Signature Calculations for the Authorization Header".
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
};

describe("a signed request to S3", () => {
  it("has the signatures of Amazon's examples", () => {
    const signature = (path: string, headers = {}): string | undefined =>
      signS3(
        {
          method: "GET",
          url: new URL(`https://examplebucket.s3.amazonaws.com${path}`),
          headers,
          time: "20130524T000000Z",
        },
        credentials,
      )["authorization"]?.split("Signature=")[1];
    expect(signature("/test.txt", { range: "bytes=0-9" })).toBe(
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    expect(signature("/?max-keys=2&prefix=J")).toBe("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  });

  it("has a key in its address as S3 signs it", () => {
    expect(encodeKey("traces/a b+c(1)'*!~.arrow")).toBe("traces/a%20b%2Bc%281%29%27%2A%21~.arrow");
  });
});

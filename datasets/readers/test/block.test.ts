import { conforms } from "../../formats/test/conformance.ts";
import { alibaba } from "../block/alibaba.ts";

conforms(alibaba, {
  "a few requests": {
    content:
      "419,W,8792731648,16384,1577808000000046\n725,R,23992905728,4096,1577808000000074\n419,R,0,512,1577808000000060\n",
    rows: 3,
  },
});

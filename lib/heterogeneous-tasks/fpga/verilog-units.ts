/**
 * Floating-point units in Verilog: IEEE 754 single precision, to nearest, ties to even, with subnormal numbers. Every NaN is 7fc00000. Numbers on the way are a sign,
 * an exponent and 27 bits: a one or, for subnormals, a zero; 23 of the fraction; a guard bit, a round bit, and whether any bit behind them was one.
 */
export const VERILOG_UNITS = /* verilog */ `
// Zeros before the first one of 27 bits; 27 where all are zeros.
module f32_zeros (input [26:0] x, output reg [4:0] n);
  integer i;
  always @* begin
    n = 27;
    for (i = 0; i < 27; i = i + 1) if (x[i]) n = 26 - i;
  end
endmodule

// A number's exponent and its 24 bits with the one in front, also of a subnormal: the exponent may be as low as -22.
module f32_open (input [31:0] x, output signed [9:0] e, output [23:0] m, output zero, output infinite, output nan);
  wire [4:0] n;
  wire normal = x[30:23] != 0;
  f32_zeros zeros (.x({x[22:0], 4'b0}), .n(n));
  assign m = normal ? {1'b1, x[22:0]} : {1'b0, x[22:0]} << (n + 1);
  assign e = normal ? $signed({2'b0, x[30:23]}) : -$signed({5'b0, n});
  assign zero = x[30:0] == 0;
  assign infinite = x[30:0] == 31'h7f800000;
  assign nan = x[30:0] > 31'h7f800000;
endmodule

// Shifts to the right; what falls out is kept as one bit.
module f32_right (input [26:0] x, input [4:0] by, output [26:0] y);
  wire [53:0] shifted = {x, 27'b0} >> by;
  assign y = {shifted[53:28], shifted[27] | (|shifted[26:0])};
endmodule

// A number with a one in front and any exponent, made ready to be rounded: below the smallest exponent it becomes subnormal.
module f32_denormal (input signed [9:0] e, input [26:0] m, output [8:0] f, output [26:0] y);
  wire tiny = e < 1;
  wire [9:0] by = 10'sd1 - e;
  f32_right right (.x(m), .by(!tiny ? 5'd0 : by > 27 ? 5'd27 : by[4:0]), .y(y));
  assign f = tiny ? 9'd1 : e[8:0];
endmodule

// Rounds. A carry runs from the fraction into the exponent, as it should.
module f32_close (input s, input [8:0] e, input [26:0] m, output [31:0] q);
  wire up = m[2] & (m[1] | m[0] | m[3]);
  wire [30:0] size = {m[26] ? e[7:0] : 8'd0, m[25:3]} + up;
  assign q = {s, e >= 255 ? 31'h7f800000 : size};
endmodule

module f32_add (input clk, input [31:0] a, input [31:0] b, output [31:0] q);
  wire swap = a[30:0] < b[30:0];
  wire [31:0] x = swap ? b : a;
  wire [31:0] y = swap ? a : b;
  wire [7:0] ex = x[30:23] == 0 ? 8'd1 : x[30:23];
  wire [7:0] ey = y[30:23] == 0 ? 8'd1 : y[30:23];
  reg [23:0] mx1, my1;
  reg [7:0] e1, d1;
  reg s1, minus1, infinite1, nan1;
  wire [26:0] aligned;
  f32_right right (.x({my1, 3'b0}), .by(d1 > 27 ? 5'd27 : d1[4:0]), .y(aligned));
  reg [27:0] sum2;
  reg [7:0] e2;
  reg s2, infinite2, nan2;
  wire [27:0] sum = minus1 ? {1'b0, mx1, 3'b0} - aligned : {1'b0, mx1, 3'b0} + aligned;
  wire [4:0] n;
  f32_zeros zeros (.x(sum2[26:0]), .n(n));
  wire [7:0] most = e2 - 8'd1;
  wire [4:0] by = n > most ? most[4:0] : n;
  reg [26:0] m3;
  reg [8:0] e3;
  reg s3, infinite3, nan3;
  wire [31:0] rounded;
  f32_close close (.s(s3), .e(e3), .m(m3), .q(rounded));
  reg [31:0] q4;
  assign q = q4;
  always @(posedge clk) begin
    mx1 <= {x[30:23] != 0, x[22:0]};
    my1 <= {y[30:23] != 0, y[22:0]};
    e1 <= ex;
    d1 <= ex - ey;
    s1 <= x[31];
    minus1 <= x[31] ^ y[31];
    infinite1 <= x[30:23] == 255;
    nan1 <= x[30:0] > 31'h7f800000 || (x[30:0] == 31'h7f800000 && y[30:0] == 31'h7f800000 && x[31] != y[31]);
    sum2 <= sum;
    e2 <= e1;
    s2 <= s1 & ~(minus1 & sum == 0);
    infinite2 <= infinite1;
    nan2 <= nan1;
    m3 <= sum2[27] ? {sum2[27:2], sum2[1] | sum2[0]} : sum2[26:0] << by;
    e3 <= sum2[27] ? e2 + 9'd1 : e2 - by;
    s3 <= s2;
    infinite3 <= infinite2;
    nan3 <= nan2;
    q4 <= nan3 ? 32'h7fc00000 : infinite3 ? {s3, 31'h7f800000} : rounded;
  end
endmodule

module f32_mul (input clk, input [31:0] a, input [31:0] b, output [31:0] q);
  wire signed [9:0] ea, eb;
  wire [23:0] ma, mb;
  wire za, zb, ia, ib, na, nb;
  f32_open open_a (.x(a), .e(ea), .m(ma), .zero(za), .infinite(ia), .nan(na));
  f32_open open_b (.x(b), .e(eb), .m(mb), .zero(zb), .infinite(ib), .nan(nb));
  reg [23:0] ma1, mb1;
  reg signed [9:0] e1, e2;
  reg s1, zero1, infinite1, nan1, s2, zero2, infinite2, nan2, s3, zero3, infinite3, nan3;
  reg [47:0] p2;
  wire [26:0] m = p2[47] ? {p2[47:22], |p2[21:0]} : {p2[46:21], |p2[20:0]};
  wire [8:0] f;
  wire [26:0] ready;
  f32_denormal denormal (.e(p2[47] ? e2 + 10'sd1 : e2), .m(m), .f(f), .y(ready));
  reg [26:0] m3;
  reg [8:0] e3;
  wire [31:0] rounded;
  f32_close close (.s(s3), .e(e3), .m(m3), .q(rounded));
  reg [31:0] q4;
  assign q = q4;
  always @(posedge clk) begin
    ma1 <= ma;
    mb1 <= mb;
    e1 <= ea + eb - 10'sd127;
    s1 <= a[31] ^ b[31];
    zero1 <= za | zb;
    infinite1 <= ia | ib;
    nan1 <= na | nb | (za & ib) | (ia & zb);
    p2 <= ma1 * mb1;
    e2 <= e1;
    {s2, zero2, infinite2, nan2} <= {s1, zero1, infinite1, nan1};
    m3 <= ready;
    e3 <= f;
    {s3, zero3, infinite3, nan3} <= {s2, zero2, infinite2, nan2};
    q4 <= nan3 ? 32'h7fc00000 : infinite3 ? {s3, 31'h7f800000} : zero3 ? {s3, 31'b0} : rounded;
  end
endmodule

// A bit of the quotient a cycle.
module f32_div (input clk, input go, input [31:0] a, input [31:0] b, output [31:0] q);
  wire signed [9:0] ea, eb;
  wire [23:0] ma, mb;
  wire za, zb, ia, ib, na, nb;
  f32_open open_a (.x(a), .e(ea), .m(ma), .zero(za), .infinite(ia), .nan(na));
  f32_open open_b (.x(b), .e(eb), .m(mb), .zero(zb), .infinite(ib), .nan(nb));
  reg [24:0] rest;
  reg [23:0] by;
  reg [26:0] root;
  reg signed [9:0] e;
  reg s, zero, infinite, nan;
  wire fits = rest >= by;
  wire [24:0] less = rest - by;
  wire [26:0] m = root[26] ? {root[26:1], root[0] | (rest != 0)} : {root[25:0], rest != 0};
  wire [8:0] f;
  wire [26:0] ready;
  f32_denormal denormal (.e(root[26] ? e : e - 10'sd1), .m(m), .f(f), .y(ready));
  reg [26:0] m3;
  reg [8:0] e3;
  wire [31:0] rounded;
  f32_close close (.s(s), .e(e3), .m(m3), .q(rounded));
  reg [4:0] left;
  reg [31:0] q4;
  assign q = q4;
  always @(posedge clk) begin
    if (go) begin
      rest <= {1'b0, ma};
      by <= mb;
      root <= 0;
      e <= ea - eb + 10'sd127;
      s <= a[31] ^ b[31];
      zero <= za | ib;
      infinite <= ia | zb;
      nan <= na | nb | (za & zb) | (ia & ib);
      left <= 27;
    end else if (left != 0) begin
      rest <= {fits ? less[23:0] : rest[23:0], 1'b0};
      root <= {root[25:0], fits};
      left <= left - 1;
    end
    m3 <= ready;
    e3 <= f;
    q4 <= nan ? 32'h7fc00000 : infinite ? {s, 31'h7f800000} : zero ? {s, 31'b0} : rounded;
  end
endmodule

// A bit of the root a cycle.
module f32_sqrt (input clk, input go, input [31:0] a, output [31:0] q);
  wire signed [9:0] ea;
  wire [23:0] ma;
  wire za, ia, na;
  f32_open open_a (.x(a), .e(ea), .m(ma), .zero(za), .infinite(ia), .nan(na));
  reg [51:0] of;
  reg [27:0] rest;
  reg [25:0] root;
  reg [8:0] e;
  reg s, zero, infinite, nan;
  wire [29:0] next = {rest, of[51:50]};
  wire [29:0] less = next - {root, 2'b01};
  wire fits = next >= {root, 2'b01};
  wire signed [9:0] half = (ea + (ea[0] ? 10'sd127 : 10'sd126)) >>> 1;
  wire [31:0] rounded;
  f32_close close (.s(1'b0), .e(e), .m({root, rest != 0}), .q(rounded));
  reg [4:0] left;
  reg [31:0] q4;
  assign q = q4;
  always @(posedge clk) begin
    if (go) begin
      of <= ea[0] ? {1'b0, ma, 27'b0} : {ma, 28'b0};
      rest <= 0;
      root <= 0;
      e <= half[8:0];
      s <= a[31];
      zero <= za;
      infinite <= ia;
      nan <= na | (a[31] & ~za);
      left <= 26;
    end else if (left != 0) begin
      of <= {of[49:0], 2'b0};
      rest <= fits ? less[27:0] : next[27:0];
      root <= {root[24:0], fits};
      left <= left - 1;
    end
    q4 <= nan ? 32'h7fc00000 : infinite ? {s, 31'h7f800000} : zero ? {s, 31'b0} : rounded;
  end
endmodule

module f32_lt (input [31:0] a, input [31:0] b, output q);
  wire nan = a[30:0] > 31'h7f800000 || b[30:0] > 31'h7f800000;
  wire zeros = a[30:0] == 0 && b[30:0] == 0;
  assign q = !nan && !zeros && (a[31] != b[31] ? a[31] : a[31] ? b[30:0] < a[30:0] : a[30:0] < b[30:0]);
endmodule

module f32_le (input [31:0] a, input [31:0] b, output q);
  wire nan = a[30:0] > 31'h7f800000 || b[30:0] > 31'h7f800000;
  wire zeros = a[30:0] == 0 && b[30:0] == 0;
  assign q = !nan && (zeros || (a[31] != b[31] ? a[31] : a[31] ? b[30:0] <= a[30:0] : a[30:0] <= b[30:0]));
endmodule

module f32_eq (input [31:0] a, input [31:0] b, output q);
  wire nan = a[30:0] > 31'h7f800000 || b[30:0] > 31'h7f800000;
  assign q = !nan && (a == b || (a[30:0] == 0 && b[30:0] == 0));
endmodule

module f32_floor (input [31:0] a, output [31:0] q);
  wire [7:0] e = a[30:23];
  wire [7:0] places = 8'd150 - e;
  wire [30:0] mask = (31'd1 << places[4:0]) - 31'd1;
  wire [30:0] up = a[31] ? mask : 31'd0;
  wire [30:0] size = (a[30:0] + up) & ~mask;
  assign q = a[30:0] == 0 || e >= 150 ? (e == 255 && a[22:0] != 0 ? 32'h7fc00000 : a)
    : e < 127 ? (a[31] ? 32'hbf800000 : 32'd0) : {a[31], size};
endmodule

// Without the fraction; the nearest number of 32 bits beyond them, and 0 for NaN.
module f32_to_i32 (input [31:0] a, output [31:0] q);
  wire [7:0] e = a[30:23];
  wire [4:0] by = e - 8'd127;
  wire [54:0] size = {31'b0, 1'b1, a[22:0]} << by;
  wire [31:0] whole = size[54:23];
  assign q = e < 127 || (e == 255 && a[22:0] != 0) ? 32'd0
    : e >= 158 ? (a[31] ? 32'h80000000 : 32'h7fffffff) : a[31] ? -whole : whole;
endmodule

module f32_from_i32 (input [31:0] a, output [31:0] q);
  wire [31:0] size = a[31] ? -a : a;
  wire [4:0] high, low;
  f32_zeros zeros_high (.x(size[31:5]), .n(high));
  f32_zeros zeros_low (.x({size[4:0], 22'b0}), .n(low));
  wire [5:0] n = high == 27 ? 6'd27 + low : high;
  wire [31:0] first = size << n[4:0];
  wire [31:0] rounded;
  f32_close close (.s(a[31]), .e(9'd158 - n), .m({first[31:6], |first[5:0]}), .q(rounded));
  assign q = a == 0 ? 32'd0 : rounded;
endmodule
`;

/**
 * Whether a text fits a pattern whole: `*` stands for any text, `?` for any one character (a code point). Takes at most the product of both
 * lengths; a regular expression of many stars could take for ever.
 */
export function glob(pattern: string): (text: string) => boolean {
  const wanted = Array.from(pattern);
  return (text) => {
    const given = Array.from(text);
    let at = 0;
    let read = 0;
    /** Behind the last star, and what of the text it stands for ends here. */
    let star = -1;
    let starEnd = 0;
    while (read < given.length)
      if (wanted[at] === "*") {
        at += 1;
        star = at;
        starEnd = read;
      } else if (at < wanted.length && (wanted[at] === "?" || wanted[at] === given[read])) {
        at += 1;
        read += 1;
      } else if (star >= 0) {
        at = star;
        starEnd += 1;
        read = starEnd;
      } else return false;
    return wanted.slice(at).every((character) => character === "*");
  };
}

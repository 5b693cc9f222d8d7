import { built } from "./built.mjs";

/**
 * A plugin of markdown-it that draws TeX (`$…$`, `$$…$$`) as exported notebooks have it: an SVG in the page, so that neither
 * a script nor the network is needed. Malformed TeX ends the build.
 */
export async function mathPlugin() {
  const [{ loadMath }, { blockMath, inlineMath }] = await Promise.all([
    built("kernel/run/html/math.js"),
    built("kernel/run/html/math-syntax.js"),
  ]);
  const draw = await loadMath();

  const inline = (state, silent) => {
    if (!"$\\".includes(state.src[state.pos])) return false;
    const formula = inlineMath(state.src.slice(state.pos, state.posMax));
    if (formula === undefined) return false;
    state.pos += formula.raw.length;
    // It stays with its formula: no line begins with a comma.
    const [punctuation] = /^[.,;:)]*/.exec(state.src.slice(state.pos, state.posMax));
    state.pos += punctuation.length;
    if (!silent) state.push("math", "", 0).meta = { ...formula, punctuation };
    return true;
  };

  const block = (state, startLine, endLine, silent) => {
    const formula = blockMath(state.getLines(startLine, endLine, state.blkIndent, false));
    if (formula === undefined) return false;
    if (silent) return true;
    state.push("paragraph_open", "p", 1);
    state.push("math", "", 0).meta = formula;
    state.push("paragraph_close", "p", -1);
    state.line = startLine + formula.raw.trimEnd().split("\n").length;
    return true;
  };

  return (parser) => {
    parser.inline.ruler.before("escape", "math", inline);
    parser.block.ruler.before("fence", "math", block, { alt: ["paragraph"] });
    parser.renderer.rules.math = (tokens, index) => {
      const { tex, display, punctuation = "" } = tokens[index].meta;
      const svg = draw(tex, display);
      const [, problem] = /data-mjx-error="([^"]*)"/.exec(svg) ?? [];
      if (problem !== undefined) throw new Error(`expected TeX that can be drawn, got ${tex}: ${problem}`);
      return `<span class="math${display ? " math-display" : ""}">${svg}${punctuation}</span>`;
    };
  };
}

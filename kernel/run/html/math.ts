import type { LiteElement } from "mathjax-full/js/adaptors/lite/Element.js";

/** Draws TeX as SVG. */
export type DrawMath = (tex: string, display: boolean) => string;

/**
 * Loads MathJax and gives a function that draws TeX as an inline SVG with its source as the label. Loading takes half a
 * second, so it is done only for a notebook that has mathematics. Malformed TeX becomes an error in its place.
 */
export async function loadMath(): Promise<DrawMath> {
  const [{ mathjax }, { TeX }, { SVG }, { liteAdaptor }, { RegisterHTMLHandler }, { AllPackages }, { SafeHandler }] =
    await Promise.all([
      import("mathjax-full/js/mathjax.js"),
      import("mathjax-full/js/input/tex.js"),
      import("mathjax-full/js/output/svg.js"),
      import("mathjax-full/js/adaptors/liteAdaptor.js"),
      import("mathjax-full/js/handlers/html.js"),
      import("mathjax-full/js/input/tex/AllPackages.js"),
      import("mathjax-full/js/ui/safe/SafeHandler.js"),
    ]);
  const adaptor = liteAdaptor();
  // Safe: a notebook's TeX may not make links to scripts, or style what lies around it.
  SafeHandler(RegisterHTMLHandler(adaptor));
  // `html` writes links, classes and ids; `require` and `autoload` would load more packages.
  const packages = AllPackages.filter((name) => !["html", "require", "autoload"].includes(name));
  const document = mathjax.document("", {
    InputJax: new TeX({ packages }),
    OutputJax: new SVG({ fontCache: "none" }),
  });
  return (tex, display) => {
    const container = document.convert(tex, { display }) as LiteElement;
    adaptor.setAttribute(adaptor.firstChild(container) as LiteElement, "aria-label", tex.trim());
    return adaptor.innerHTML(container);
  };
}

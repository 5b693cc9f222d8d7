/** One request, sent to both servers; they begin with the same files, and keep them the same from case to case. */
export interface Case {
  readonly endpoint: string;
  readonly asked: readonly [method: string, path: string, body?: unknown];
  /** What is known to differ, and why. Whatever else differs is an error; so is a difference that is none any more. */
  readonly differs?: Difference;
}

/** How the answers to a case differ. */
export interface Difference {
  readonly because: string;
  /** Our status and theirs, where they differ; the bodies are then not compared. */
  readonly status?: readonly [ours: number, theirs: number];
  /** Fields of the model that differ, or headers. */
  readonly fields?: readonly string[];
  /** Whether the folders differ until the next case. */
  readonly files?: boolean;
}

const cell = { cell_type: "code", execution_count: 1, id: "abc", metadata: {}, outputs: [], source: "1 +\n1" };
const book = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 };
const html = { data: { "text/html": "<b>x</b>" }, metadata: {}, output_type: "display_data" };
const text = (content: string) => ({ type: "file", format: "text", content });

const said: Omit<Difference, "status"> = {
  because: "ours says what is wrong with the request, where theirs fails over it",
};
const absentBefore: Difference = { ...said, status: [404, 500] };
const wrongBefore: Difference = { ...said, status: [400, 500] };
const hidden: Difference = {
  because: "a hidden name is answered like one that is not there, whatever is asked of it",
  status: [404, 400],
};
const ledOut: Difference = { because: "no link leads out of the root", status: [404, 200] };
const linkSize: Difference = {
  because: "a link's size is that of what it leads to, as its content is",
  fields: ["size"],
};
const wholeAtLast = "a file that is uploaded in parts is there, whole, with the last part, and not before";

/** What is asked of an endpoint, in this order. */
function cases(endpoint: string, ...asked: readonly (Case["asked"] | readonly [Case["asked"], Difference])[]): Case[] {
  return asked.map((each) =>
    typeof each[0] === "string"
      ? { endpoint, asked: each as Case["asked"] }
      : { endpoint, asked: each[0], differs: each[1] as Difference },
  );
}

/** Every endpoint of contents, with what is asked of it. */
export const CASES: readonly Case[] = [
  ...cases(
    "GET /api/contents/*path",
    ["GET", "/api/contents"],
    ["GET", "/api/contents/"],
    ["GET", "/api/contents?content=0"],
    ["GET", "/api/contents/sub"],
    [["GET", "/api/contents/sub/"], { because: "theirs redirects to the path without the slash", status: [200, 302] }],
    ["GET", "/api/contents/sub/deep.txt"],
    ["GET", "/api/contents/README.md"],
    ["GET", "/api/contents/README.md?content=0"],
    ["GET", "/api/contents/README.md?format=base64"],
    ["GET", "/api/contents/README.md?format=text"],
    ["GET", "/api/contents/README.md?type=file"],
    ["GET", "/api/contents/README.md?type=notebook"],
    ["GET", "/api/contents/README.md?type=directory"],
    ["GET", "/api/contents/sub?type=file"],
    ["GET", "/api/contents/sub?type=notebook"],
    ["GET", "/api/contents/sub?type=directory"],
    ["GET", "/api/contents/data.csv"],
    ["GET", "/api/contents/script.py"],
    ["GET", "/api/contents/image.png"],
    ["GET", "/api/contents/image.png?format=text"],
    ["GET", "/api/contents/latin.unknown"],
    ["GET", "/api/contents/%C3%BC%20b%23.txt"],
    ["GET", "/api/contents/n.ipynb"],
    ["GET", "/api/contents/n.ipynb?content=0"],
    ["GET", "/api/contents/n.ipynb?type=notebook"],
    ["GET", "/api/contents/n.ipynb?type=file"],
    ["GET", "/api/contents/broken.ipynb"],
    ["GET", "/api/contents/broken.ipynb?content=0"],
    [["GET", "/api/contents/odd/link.md"], linkSize],
    ["GET", "/api/contents/nothing"],
    ["GET", "/api/contents/nothing/at/all"],
    [["GET", "/api/contents/README.md/below"], absentBefore],
    ["GET", "/api/contents/.secret"],
    ["GET", "/api/contents/sub/.hidden"],
    ["GET", "/api/contents/README.md?type=banana"],
    ["GET", "/api/contents/README.md?format=banana"],
    ["GET", "/api/contents/README.md?content=banana"],
    ["GET", "/api/contents/README.md?format=json"],
    [
      ["GET", "/api/contents/old.ipynb"],
      {
        because: "a notebook of format 4.0 to 4.4 is given as 4.5, with cell ids made from place and text",
        fields: ["content"],
      },
    ],
    [["GET", "/api/contents/v3.ipynb"], { because: "notebooks before format 4 are not converted", status: [400, 200] }],
    [
      ["GET", "/api/contents/unknown-field.ipynb"],
      {
        because: "what nbformat does not know is left out, where theirs gives it with a warning",
        fields: ["content", "message"],
      },
    ],
    [
      ["GET", "/api/contents/odd/code.ts"],
      { because: "Debian takes .ts for the translations of Qt", fields: ["mimetype"] },
    ],
    [["GET", "/api/contents/odd/out.txt"], ledOut],
    [["GET", "/api/contents/odd/out"], ledOut],
    [["GET", "/api/contents/odd/out/x.txt"], ledOut],
    [
      ["GET", "/api/contents/odd"],
      { because: "links that lead out of the root are not listed; .ts and links as above", fields: ["content"] },
    ],
    ["GET", "/api/contents/odd/dangling"],
    ["GET", "/api/contents/odd/pipe"],
    [["GET", `/api/contents/${"n".repeat(300)}`], absentBefore],
    ["GET", "/api/contents/README.md?hash=1"],
  ),
  ...cases(
    "PUT /api/contents/*path",
    ["PUT", "/api/contents/new.txt", text("new")],
    ["PUT", "/api/contents/new.txt", text("newer")],
    ["PUT", "/api/contents/new.bin", { type: "file", format: "base64", content: "/wAB" }],
    ["PUT", "/api/contents/sub/new%20%C3%BC.txt", text("ü")],
    ["PUT", "/api/contents/new.ipynb", { type: "notebook", format: "json", content: book }],
    ["PUT", "/api/contents/new.ipynb", { type: "notebook", format: "json", content: { ...book, cells: [] } }],
    ["PUT", "/api/contents/empty.ipynb", { type: "notebook" }],
    ["PUT", "/api/contents/empty.txt", { type: "file" }],
    ["PUT", "/api/contents/untyped.ipynb", { format: "json" }],
    ["PUT", "/api/contents/folder", { type: "directory" }],
    ["PUT", "/api/contents/sub", {}],
    [["PUT", "/api/contents/odd/link.md", text("through the link")], linkSize],
    ["PUT", "/api/contents/new.txt", { content: "x", format: "text" }],
    ["PUT", "/api/contents/new.txt", { type: "file" }],
    ["PUT", "/api/contents/new.txt", { type: "banana", content: "x" }],
    ["PUT", "/api/contents/new.txt", { type: "file", content: "x" }],
    ["PUT", "/api/contents/new.txt", { type: "file", content: "x", format: "json" }],
    ["PUT", "/api/contents/new.txt", { type: "file", content: 3, format: "text" }],
    ["PUT", "/api/contents/new.txt", { type: "file", content: "a", format: "base64" }],
    ["PUT", "/api/contents/new.txt", { type: "directory" }],
    ["PUT", "/api/contents/new.txt", { copy_from: "README.md" }],
    [["PUT", "/api/contents/.hidden.txt", text("x")], hidden],
    [
      ["PUT", "/api/contents/folder", { type: "directory" }],
      { because: "a folder that is there is not created", status: [200, 201] },
    ],
    [["PUT", "/api/contents/folder", text("x")], wrongBefore],
    [["PUT", "/api/contents/nothing/new.txt", text("x")], absentBefore],
    [["PUT", "/api/contents/new.ipynb", { type: "notebook", content: "text" }], wrongBefore],
    [["PUT", `/api/contents/${"n".repeat(300)}`, text("x")], wrongBefore],
  ),
  ...cases(
    "PUT /api/contents/*path, in parts",
    [
      ["PUT", "/api/contents/parts.bin", { ...text("one "), chunk: 1 }],
      { because: wholeAtLast, status: [200, 201], files: true },
    ],
    [["PUT", "/api/contents/parts.bin", { ...text("two "), chunk: 2 }], { because: wholeAtLast, files: true }],
    [["PUT", "/api/contents/parts.bin", { ...text("three"), chunk: -1 }], { because: wholeAtLast, status: [201, 200] }],
    ["GET", "/api/contents/parts.bin"],
    ["PUT", "/api/contents/parts.bin", { type: "notebook", content: book, chunk: 1 }],
  ),
  ...cases(
    "POST /api/contents/*path",
    ["POST", "/api/contents/folder", { type: "notebook" }],
    ["POST", "/api/contents/folder", { type: "notebook" }],
    ["POST", "/api/contents/folder", { ext: ".ipynb" }],
    ["POST", "/api/contents/folder", { type: "file", ext: ".txt" }],
    ["POST", "/api/contents/folder", { ext: ".txt" }],
    ["POST", "/api/contents/folder", {}],
    ["POST", "/api/contents/folder", { type: "file" }],
    ["POST", "/api/contents", { type: "directory" }],
    ["POST", "/api/contents", { type: "directory" }],
    ["POST", "/api/contents/folder", { copy_from: "README.md" }],
    ["POST", "/api/contents/folder", { copy_from: "/README.md" }],
    ["POST", "/api/contents", { copy_from: "folder/README-Copy1.md" }],
    ["POST", "/api/contents", { copy_from: "n.ipynb" }],
    ["POST", "/api/contents/folder/to.md", { copy_from: "README.md" }],
    ["POST", "/api/contents", { copy_from: "sub" }],
    ["POST", "/api/contents", { copy_from: "nothing" }],
    [["POST", "/api/contents", { copy_from: ".secret" }], hidden],
    ["POST", "/api/contents/nothing", { type: "file" }],
    ["POST", "/api/contents/nothing/x", { copy_from: "README.md" }],
    ["POST", "/api/contents/README.md", { type: "file" }],
    ["POST", "/api/contents", { type: "banana" }],
  ),
  ...cases(
    "PATCH /api/contents/*path",
    ["PATCH", "/api/contents/new.txt", { path: "folder/moved ü.txt" }],
    ["PATCH", "/api/contents/folder/moved%20%C3%BC.txt", { path: "/new.txt/" }],
    ["PATCH", "/api/contents/new.txt", { path: "new.txt" }],
    ["PATCH", "/api/contents/new.txt", {}],
    ["PATCH", "/api/contents/new.txt", { path: "README.md" }],
    ["PATCH", "/api/contents/new.txt", { path: "sub" }],
    ["PATCH", "/api/contents/new.txt", { path: "" }],
    [["PATCH", "/api/contents/new.txt", { path: ".hidden.txt" }], hidden],
    ["PATCH", "/api/contents/sub", { path: "sub2" }],
    ["PATCH", "/api/contents/sub2", { path: "sub" }],
    [["PATCH", "/api/contents/nothing", { path: "something" }], absentBefore],
    [["PATCH", "/api/contents/new.txt", { path: "nothing/new.txt" }], absentBefore],
    [["PATCH", "/api/contents/sub", { path: "sub/sub" }], wrongBefore],
  ),
  ...cases(
    "GET, POST /api/contents/*path/checkpoints",
    ["GET", "/api/contents/data.csv/checkpoints"],
    ["POST", "/api/contents/data.csv/checkpoints"],
    ["GET", "/api/contents/data.csv/checkpoints"],
    ["PUT", "/api/contents/data.csv", text("changed")],
    ["POST", "/api/contents/data.csv/checkpoints/checkpoint"],
    ["GET", "/api/contents/data.csv"],
    ["PATCH", "/api/contents/data.csv", { path: "data2.csv" }],
    ["GET", "/api/contents/data2.csv/checkpoints"],
    ["GET", "/api/contents/data.csv/checkpoints"],
    ["DELETE", "/api/contents/data2.csv/checkpoints/checkpoint"],
    ["DELETE", "/api/contents/data2.csv/checkpoints/checkpoint"],
    ["GET", "/api/contents/nothing.txt/checkpoints"],
    ["GET", "/api/contents/n.ipynb/checkpoints"],
    [["POST", "/api/contents/nothing.txt/checkpoints"], absentBefore],
    [["POST", "/api/contents/sub/checkpoints"], absentBefore],
    [["POST", "/api/contents/data2.csv/checkpoints/checkpoint"], absentBefore],
    [["POST", "/api/contents/data2.csv/checkpoints/other"], absentBefore],
  ),
  ...cases(
    "POST /api/contents/*path/trust",
    [
      "PUT",
      "/api/contents/rich.ipynb",
      { type: "notebook", content: { ...book, cells: [{ ...cell, outputs: [html] }] } },
    ],
    ["GET", "/api/contents/rich.ipynb"],
    ["POST", "/api/contents/rich.ipynb/trust"],
    ["GET", "/api/contents/rich.ipynb"],
    [
      "PUT",
      "/api/contents/rich2.ipynb",
      {
        type: "notebook",
        content: { ...book, cells: [{ ...cell, metadata: { trusted: true, a: 1 }, outputs: [html] }] },
      },
    ],
    ["GET", "/api/contents/rich2.ipynb"],
    ["PATCH", "/api/contents/rich2.ipynb", { path: "rich3.ipynb" }],
    ["GET", "/api/contents/rich3.ipynb"],
    ["POST", "/api/contents/nothing.ipynb/trust"],
    [["POST", "/api/contents/README.md/trust"], wrongBefore],
  ),
  ...cases(
    "GET /files/*path",
    ["GET", "/files/README.md"],
    ["GET", "/files/README.md?download=1"],
    ["GET", "/files/%C3%BC%20b%23.txt?download=1"],
    ["GET", "/files/image.png"],
    ["GET", "/files/latin.unknown"],
    ["GET", "/files/n.ipynb"],
    [["HEAD", "/files/image.png"], { because: "theirs fails over HEAD", status: [200, 500] }],
    ["GET", "/files/nothing"],
    ["GET", "/files/.secret"],
    [
      ["GET", "/files/sub"],
      { because: "a folder is no file, which is not a matter of permission", status: [400, 403] },
    ],
    [["GET", "/files/odd/out.txt"], ledOut],
  ),
  ...cases(
    "DELETE /api/contents/*path",
    ["DELETE", "/api/contents/new.txt"],
    ["DELETE", "/api/contents/new.txt"],
    ["DELETE", "/api/contents/new.ipynb"],
    ["GET", "/api/contents/new.ipynb/checkpoints"],
    ["DELETE", "/api/contents/Untitled%20Folder"],
    ["DELETE", "/api/contents/folder"],
    ["DELETE", "/api/contents"],
    [["DELETE", "/api/contents/sub/.hidden"], hidden],
    ["DELETE", "/api/contents/odd/link.md"],
  ),
  ...cases(
    "GET /api/nbconvert, GET /nbconvert/:format/*path",
    [["GET", "/nbconvert/html/n.ipynb"], { because: "the page is our own, which needs no network", fields: ["body"] }],
    ["GET", "/nbconvert/script/n.ipynb"],
    ["GET", "/nbconvert/notebook/n.ipynb"],
    ["GET", "/nbconvert/html/nothing.ipynb"],
    [["GET", "/nbconvert/banana/n.ipynb"], absentBefore],
    [
      ["GET", "/nbconvert/html/README.md"],
      { because: "theirs redirects to the file; ours exports notebooks", status: [400, 200] },
    ],
    [["GET", "/nbconvert/pdf/n.ipynb"], absentBefore],
  ),
];

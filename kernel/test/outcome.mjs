// What came of a run of tests: a reporter of vitest for who runs it, and which files may be run once more.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

const firstLine = (text = "") => stripVTControlCharacters(text).split("\n", 1)[0];

/** Writes an Outcome to vitest's `--outputFile`. */
export default class OutcomeReporter {
  onInit(vitest) {
    this.vitest = vitest;
  }

  onTestRunEnd(modules, errors) {
    const { root, outputFile } = this.vitest.config;
    const files = modules.map((module) => fileOutcome(module, relative(root, module.moduleId)));
    const outside = errors.map(({ message }) => firstLine(message));
    writeFileSync(outputFile, JSON.stringify({ files, outside }));
  }
}

function fileOutcome(module, file) {
  const tests = [...module.children.allTests()].map((test) => ({ name: test.fullName, ...test.result() }));
  const failed = tests.filter(({ state }) => state === "failed");
  const wrong = [module, ...module.children.allSuites()].flatMap((each) => each.errors());
  // A file that cannot be loaded, or a hook that fails, leaves tests out that are not skipped.
  const failures = [
    ...failed.map(({ name, errors }) => `${file} > ${name}: ${firstLine(errors[0]?.message)}`),
    ...wrong.map(({ message }) => `${file}: ${firstLine(message)}`),
  ];
  const passed = tests.filter(({ state }) => state === "passed").length;
  return {
    ...{ file, passed, failed: failed.length },
    failures: module.ok() || failures.length > 0 ? failures : [file],
    skipped: wrong.length > 0 ? 0 : tests.length - passed - failed.length,
  };
}

const failedFiles = ({ files }) => files.filter(({ failures }) => failures.length > 0);

/**
 * The files of failed tests, where they may be run once more: a few, since browsers, guests and clusters on a busy machine
 * now and then fail by themselves. A counterexample of a property is a fault however seldom it is found, so a file with
 * properties may not; nor where an error struck outside of tests, which is no file's.
 */
export function filesToRunAgain(outcome, read) {
  const failed = failedFiles(outcome).map(({ file }) => file);
  const isProperty = (file) => read(file).includes('from "fast-check"');
  return failed.length > 3 || outcome.outside.length > 0 || failed.some(isProperty) ? [] : failed;
}

/** An outcome with what a second run of some files gave, and what passed only then; undefined where that is not all. */
export function withSecondRun(first, second) {
  const again = new Map(second.files.map((each) => [each.file, each]));
  const tried = failedFiles(first);
  const isMended = ({ file, passed, failed, skipped }) => {
    const later = again.get(file);
    // A test that skips itself the second time has not passed.
    return later?.failures.length === 0 && later.skipped <= skipped && later.passed >= passed + failed;
  };
  if (second.outside.length > 0 || !tried.every(isMended)) return undefined;
  return {
    outcome: { ...first, files: first.files.map((each) => again.get(each.file) ?? each) },
    unsteady: tried.flatMap(({ failures }) => failures),
  };
}

import { relative } from "node:path";
// TypeScript 7 has no compiler API yet.
import ts from "typescript-6";
import { ROOT } from "./packages.ts";
import { signatureOf } from "./signature.ts";

/** One name that a door exports. */
export interface ApiExport {
  readonly name: string;
  readonly kind: "function" | "class" | "constant" | "interface" | "type";
  /** In one line, shortened where it is long. */
  readonly signature: string;
  /** The first sentence of its docstring; empty if it has none. */
  readonly summary: string;
  /** Where it is declared, relative to the clone. */
  readonly file: string;
  readonly line: number;
}

/**
 * Reads the sources of doors.
 *
 * @param sources Absolute paths of all modules that will be asked for.
 * @returns What a module exports, by name. Throws for a module that is none of the sources.
 */
export function openWorkspace(sources: readonly string[]): (source: string) => readonly ApiExport[] {
  const program = ts.createProgram([...sources], {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ["@spacex-etl/source"],
    allowImportingTsExtensions: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [`${ROOT}/node_modules/@types`],
  });
  const checker = program.getTypeChecker();
  return (source) => {
    const file = program.getSourceFile(source);
    const module = file && checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${relative(ROOT, source)} is no module with exports.`);
    return checker
      .getExportsOfModule(module)
      .map((symbol) => describe(checker, symbol))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  };
}

function describe(checker: ts.TypeChecker, exported: ts.Symbol): ApiExport {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined)
    throw new Error(`${exported.name} is exported but nowhere declared: do the sources compile?`);
  const file = declaration.getSourceFile();
  return {
    name: exported.name,
    kind: kindOf(symbol),
    signature: signatureOf(checker, symbol, exported.name),
    summary: firstSentence(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
    file: relative(ROOT, file.fileName).replaceAll("\\", "/"),
    line: file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1,
  };
}

function kindOf({ flags }: ts.Symbol): ApiExport["kind"] {
  if (flags & ts.SymbolFlags.Function) return "function";
  if (flags & ts.SymbolFlags.Class) return "class";
  if (flags & ts.SymbolFlags.Variable) return "constant";
  if (flags & ts.SymbolFlags.Interface) return "interface";
  return "type";
}

/** Up to the first full stop that ends a sentence: one that a space and no small letter or digit follow. */
function firstSentence(text: string): string {
  const paragraph = (text.split(/\n\s*\n/)[0] ?? "").replaceAll(/\s+/g, " ").trim();
  const plain = paragraph.replaceAll(/\{@link (\S+?)\}/g, "`$1`");
  return /^.*?[.!?](?= [^a-z\d]|$)/.exec(plain)?.[0] ?? plain;
}

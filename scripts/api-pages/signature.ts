import ts from "typescript-6";

/** Longest signature that a page shows, in characters. */
const LONGEST = 220;

const FLAGS =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.WriteArrowStyleSignature |
  ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** How an export is written, in one line. */
export function signatureOf(checker: ts.TypeChecker, symbol: ts.Symbol, name: string): string {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined)
    throw new Error(`${name} is exported but nowhere declared: do the sources compile?`);
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  if (ts.isFunctionDeclaration(declaration)) return shorten(name + calls(checker, type, declaration));
  if (ts.isClassDeclaration(declaration)) return shorten(`class ${name}${classShape(type, declaration)}`);
  if (ts.isInterfaceDeclaration(declaration))
    return shorten(`interface ${name}${interfaceShape(declaration)}`);
  if (ts.isTypeAliasDeclaration(declaration)) {
    return shorten(`type ${name}${parameters(declaration)} = ${source(declaration.type)}`);
  }
  return shorten(`const ${name}: ${checker.typeToString(type, declaration, ts.TypeFormatFlags.None)}`);
}

function calls(checker: ts.TypeChecker, type: ts.Type, declaration: ts.FunctionDeclaration): string {
  const [first, ...others] = type.getCallSignatures();
  if (first === undefined) return "()";
  // As it is written in the source, where it is: names of types stay short.
  const written = first.getDeclaration();
  const result =
    written.type === undefined
      ? checker.typeToString(first.getReturnType(), declaration, FLAGS)
      : source(written.type);
  const list = written.parameters.map((parameter) => parameterText(parameter)).join(", ");
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${parameters(written)}(${list}): ${result}${more}`;
}

function parameterText({
  name,
  type,
  questionToken,
  initializer,
  dotDotDotToken,
}: ts.ParameterDeclaration): string {
  const label = ts.isIdentifier(name) ? name.text : "options";
  const optional = questionToken !== undefined || initializer !== undefined ? "?" : "";
  return `${dotDotDotToken === undefined ? "" : "..."}${label}${optional}${type === undefined ? "" : `: ${source(type)}`}`;
}

function classShape(type: ts.Type, declaration: ts.ClassDeclaration): string {
  const written = type.getConstructSignatures()[0]?.getDeclaration();
  const list = (written?.parameters ?? []).map((parameter) => parameterText(parameter)).join(", ");
  return `${parameters(declaration)}${heritage(declaration)} { constructor(${list}) }`;
}

function interfaceShape(declaration: ts.InterfaceDeclaration): string {
  const members = declaration.members.map((member) => {
    const name = member.name === undefined ? source(member) : source(member.name);
    return `${name}${member.questionToken === undefined ? "" : "?"}${ts.isMethodSignature(member) ? "()" : ""}`;
  });
  return `${parameters(declaration)}${heritage(declaration)} { ${[...new Set(members)].join("; ")} }`;
}

function heritage({
  heritageClauses = [],
}: {
  readonly heritageClauses?: Iterable<ts.HeritageClause>;
}): string {
  return [...heritageClauses].map((clause) => ` ${source(clause)}`).join("");
}

function parameters({
  typeParameters,
}: {
  readonly typeParameters?: ts.NodeArray<ts.TypeParameterDeclaration> | undefined;
}): string {
  return typeParameters === undefined ? "" : `<${typeParameters.map(source).join(", ")}>`;
}

/** The text of a node without its comments, in one line. */
function source(node: ts.Node): string {
  return (
    node
      .getText()
      .replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm, "")
      .replaceAll(/\s+/g, " ")
      // The bar in front of the first of many.
      .replace(/^ ?\| /, "")
      .trim()
  );
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 2).trimEnd()} …`;
}

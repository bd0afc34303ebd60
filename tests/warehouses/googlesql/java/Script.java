import com.google.zetasql.Analyzer;
import com.google.zetasql.ParseLocationRange;
import com.google.zetasql.Parser;
import com.google.zetasql.SqlException;
import com.google.zetasql.Type;
import com.google.zetasql.ZetaSQLType.TypeKind;
import com.google.zetasql.parser.ASTNode;
import com.google.zetasql.parser.ASTNodes.ASTBeginEndBlock;
import com.google.zetasql.parser.ASTNodes.ASTElseifClause;
import com.google.zetasql.parser.ASTNodes.ASTExceptionHandler;
import com.google.zetasql.parser.ASTNodes.ASTExecuteImmediateStatement;
import com.google.zetasql.parser.ASTNodes.ASTExpression;
import com.google.zetasql.parser.ASTNodes.ASTIdentifier;
import com.google.zetasql.parser.ASTNodes.ASTIfStatement;
import com.google.zetasql.parser.ASTNodes.ASTRaiseStatement;
import com.google.zetasql.parser.ASTNodes.ASTReturnStatement;
import com.google.zetasql.parser.ASTNodes.ASTScriptStatement;
import com.google.zetasql.parser.ASTNodes.ASTSingleAssignment;
import com.google.zetasql.parser.ASTNodes.ASTStatement;
import com.google.zetasql.parser.ASTNodes.ASTStatementList;
import com.google.zetasql.parser.ASTNodes.ASTVariableDeclaration;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedBeginStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedCommitStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedExpr;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedRollbackStmt;
import com.google.zetasql.resolvedast.ResolvedNodes.ResolvedStatement;
import com.google.zetasql.toolkit.options.BigQueryLanguageOptions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks a script: the grammar is the parser's, each statement and each expression is the analyzer's, and what the
 * analyzer keeps no account of (variables, definitions, transactions) is kept here.
 */
final class Script {
  /** A text that was refused, and where in it. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    final int line;
    final int column;

    Refused(String message, int line, int column) {
      super(message);
      this.line = line;
      this.column = column;
    }
  }

  /** UNKNOWN: in an exception handler, or where the branches of an IF differ. */
  enum Transaction {
    NONE,
    OPEN,
    UNKNOWN,
    /** The end of the list is never reached. */
    LEFT
  }

  private final Catalog catalog;
  private Transaction transaction = Transaction.NONE;
  private boolean begun = false;
  private byte[] text = new byte[0];

  Script(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Judges the next part of the script, of one or more statements. */
  void walk(String sql) throws Refused {
    text = sql.getBytes(StandardCharsets.UTF_8);
    try {
      ASTStatementList statements = Parser.parseScript(sql, BigQueryLanguageOptions.get()).getStatementListNode();
      if (statements.getStatementList().isEmpty()) throw new Refused("There is no statement", 0, 0);
      list(statements, !begun);
      begun = true;
    } catch (SqlException error) {
      throw Positions.refused(error.getMessage());
    }
  }

  /** A script that ends in a transaction is rolled back, so nothing of it lasts: never what was meant. */
  void end() throws Refused {
    if (transaction == Transaction.OPEN) {
      throw new Refused("The transaction is still open at the end of the script", 0, 0);
    }
  }

  /** `mayDeclare`: DECLARE is good only at the start of a script or a block. */
  private void list(ASTStatementList list, boolean mayDeclare) throws Refused {
    if (list == null) return;
    boolean start = mayDeclare;
    for (ASTStatement statement : list.getStatementList()) {
      try {
        if (transaction == Transaction.LEFT) throw new Refusal("Statement is never reached");
        start = start && statement instanceof ASTVariableDeclaration;
        if (!start && statement instanceof ASTVariableDeclaration) {
          throw new Refusal("DECLARE must be at the start of a script or a block");
        }
        one(statement);
      } catch (Refusal refusal) {
        throw Positions.refusedAt(refusal.getMessage(), text, statement.getParseLocationRange().start());
      }
    }
  }

  private void one(ASTStatement statement) throws Refused {
    if (statement instanceof ASTIfStatement branch) {
      branches(branch);
    } else if (statement instanceof ASTBeginEndBlock block) {
      block(block);
    } else if (statement instanceof ASTVariableDeclaration declaration) {
      declare(declaration);
    } else if (statement instanceof ASTSingleAssignment assignment) {
      mustFit(assignment.getExpression(), catalog.variable(assignment.getVariable().getIdString()));
    } else if (statement instanceof ASTRaiseStatement raise) {
      if (raise.getMessage() != null) mustFit(raise.getMessage(), Catalog.typeOf("STRING"));
      transaction = Transaction.LEFT;
    } else if (statement instanceof ASTReturnStatement) {
      if (transaction == Transaction.OPEN) throw new Refusal("RETURN inside of an open transaction");
      transaction = Transaction.LEFT;
    } else if (statement instanceof ASTScriptStatement || statement instanceof ASTExecuteImmediateStatement) {
      throw new Refusal("The judge does not walk " + statement.nodeKindString());
    } else {
      analyze(statement);
    }
  }

  private void analyze(ASTStatement statement) throws Refused {
    ResolvedStatement resolved =
        Analyzer.analyzeStatement(inPlace(statement), catalog.options, catalog.simple);
    if (resolved instanceof ResolvedBeginStmt) {
      if (transaction == Transaction.OPEN) throw new Refusal("Transactions cannot be nested");
      transaction = Transaction.OPEN;
    } else if (resolved instanceof ResolvedCommitStmt || resolved instanceof ResolvedRollbackStmt) {
      if (transaction == Transaction.NONE) throw new Refusal("There is no transaction to end");
      transaction = Transaction.NONE;
    } else if (Definitions.apply(resolved, catalog) && transaction == Transaction.OPEN) {
      throw new Refusal("A transaction cannot define permanent tables, views or datasets");
    }
  }

  private void branches(ASTIfStatement statement) throws Refused {
    condition(statement.getCondition());
    Transaction before = transaction;
    list(statement.getThenList(), false);
    Transaction after = transaction;
    if (statement.getElseifClauses() != null) {
      for (ASTElseifClause clause : statement.getElseifClauses().getElseifClauses()) {
        transaction = before;
        condition(clause.getCondition());
        list(clause.getBody(), false);
        after = join(after, transaction);
      }
    }
    transaction = before;
    list(statement.getElseList(), false);
    transaction = join(after, transaction);
  }

  private void block(ASTBeginEndBlock block) throws Refused {
    list(block.getStatementListNode(), true);
    if (block.getHandlerList() == null) return;
    Transaction after = transaction;
    for (ASTExceptionHandler handler : block.getHandlerList().getExceptionHandlerList()) {
      transaction = Transaction.UNKNOWN;
      list(handler.getStatementList(), false);
      after = join(after, transaction);
    }
    transaction = after;
  }

  private static Transaction join(Transaction one, Transaction other) {
    if (one == other || other == Transaction.LEFT) return one;
    return one == Transaction.LEFT ? other : Transaction.UNKNOWN;
  }

  private void declare(ASTVariableDeclaration declaration) throws Refused {
    Type type;
    if (declaration.getType() == null) {
      type = expression(declaration.getDefaultValue()).getType();
    } else {
      ParseLocationRange range = declaration.getType().getParseLocationRange();
      try {
        type = Catalog.typeOf(textOf(range.start(), range.end()));
      } catch (SqlException error) {
        throw Positions.refusedAt(Positions.refused(error.getMessage()).getMessage(), text, range.start());
      }
      if (declaration.getDefaultValue() != null) mustFit(declaration.getDefaultValue(), type);
    }
    for (ASTIdentifier name : declaration.getVariableList().getIdentifierList()) {
      catalog.declareVariable(name.getIdString(), type);
    }
  }

  private void condition(ASTExpression condition) throws Refused {
    Type type = expression(condition).getType();
    if (type.getKind() != TypeKind.TYPE_BOOL) {
      throw Positions.refusedAt(
          "The condition of IF is " + type + ", not BOOL", text, condition.getParseLocationRange().start());
    }
  }

  private ResolvedExpr expression(ASTExpression expression) {
    return Analyzer.analyzeExpression(inPlace(expression), catalog.options, catalog.simple);
  }

  /** By assigning it to a system variable of that type, for which the analyzer does the check. */
  private void mustFit(ASTExpression value, Type type) throws Refused {
    expression(value);
    ParseLocationRange range = value.getParseLocationRange();
    String assignment = "SET @@" + catalog.systemVariableOf(type) + " = " + textOf(range.start(), range.end());
    try {
      Analyzer.analyzeStatement(assignment, catalog.options, catalog.simple);
    } catch (SqlException error) {
      throw Positions.refusedAt(Positions.refused(error.getMessage()).getMessage(), text, range.start());
    }
  }

  /** The node alone, at its place: all before it is blank, so that positions are those of the script. */
  private String inPlace(ASTNode node) {
    ParseLocationRange range = node.getParseLocationRange();
    return Positions.blank(textOf(0, range.start())) + textOf(range.start(), range.end());
  }

  private String textOf(int start, int end) {
    return new String(Arrays.copyOfRange(text, start, end), StandardCharsets.UTF_8);
  }
}

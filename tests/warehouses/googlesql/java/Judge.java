import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads requests from stdin, one JSON object a line, and answers each with a line on stdout, in order. */
public final class Judge {
  private Judge() {}

  public static void main(String[] args) {
    int status = 1;
    try {
      serve();
      status = 0;
    } catch (IOException | RuntimeException | Error end) {
      end.printStackTrace();
    }
    // Threads of the native library's channel would keep the process alive.
    System.exit(status);
  }

  private static void serve() throws IOException {
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    // Libraries that print do not disturb the answers.
    System.setOut(System.err);
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      answers.println(answer(JsonParser.parseString(line).getAsJsonObject()));
      answers.flush();
    }
  }

  private static JsonObject answer(JsonObject request) {
    JsonObject answer = new JsonObject();
    answer.add("id", request.get("id"));
    int at = 0;
    try {
      Script script = new Script(catalogOf(request));
      for (JsonElement statement : request.getAsJsonArray("statements")) {
        script.walk(statement.getAsString());
        at++;
      }
      at--;
      script.end();
      answer.addProperty("ok", true);
    } catch (Script.Refused refused) {
      answer.addProperty("ok", false);
      answer.addProperty("message", refused.getMessage());
      answer.addProperty("statement", Math.max(at, 0));
      if (refused.line > 0) {
        answer.addProperty("line", refused.line);
        answer.addProperty("column", refused.column);
      }
    } catch (RuntimeException | LinkageError | StackOverflowError bug) {
      // Neither yes nor no: the caller gets an error, as a test must not take it for a refusal.
      answer.addProperty("broken", bug + at(bug));
    }
    return answer;
  }

  private static String at(Throwable bug) {
    StackTraceElement[] trace = bug.getStackTrace();
    return trace.length == 0 ? "" : " at " + trace[0];
  }

  private static Catalog catalogOf(JsonObject request) {
    Catalog catalog = new Catalog(text(request, "project"), text(request, "dataset"));
    for (JsonElement table : array(request, "tables")) {
      JsonObject object = table.getAsJsonObject();
      List<Catalog.Column> columns = new ArrayList<>();
      for (JsonElement column : array(object, "columns")) columns.add(columnOf(column.getAsJsonObject()));
      String key = catalog.keyOf(List.of(text(object, "name")), false);
      if (catalog.has(key)) throw new IllegalArgumentException("Table declared twice: " + key);
      catalog.put(key, columns);
    }
    for (JsonElement parameter : array(request, "parameters")) {
      Catalog.Column declared = columnOf(parameter.getAsJsonObject());
      catalog.options.addQueryParameter(declared.name(), declared.type());
    }
    return catalog;
  }

  private static Catalog.Column columnOf(JsonObject column) {
    // FLOAT is the REST API's name alone; its other names are SQL's too.
    String named = text(column, "type");
    String type = named.equals("FLOAT") ? "FLOAT64" : named;
    boolean repeated = "REPEATED".equals(text(column, "mode"));
    return new Catalog.Column(text(column, "name"), Catalog.typeOf(repeated ? "ARRAY<" + type + ">" : type));
  }

  private static JsonArray array(JsonObject object, String name) {
    return object.has(name) ? object.getAsJsonArray(name) : new JsonArray();
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) && !object.get(name).isJsonNull() ? object.get(name).getAsString() : null;
  }
}

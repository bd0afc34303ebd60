import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines and columns, both from 1; columns in code points, as the analyzer counts them. */
final class Positions {
  private static final Pattern AT = Pattern.compile("\\s*\\[at (\\d+):(\\d+)\\]");

  private Positions() {}

  /** The analyzer puts the place at the end of its message. */
  static Script.Refused refused(String message) {
    Matcher matcher = AT.matcher(message);
    int line = 0;
    int column = 0;
    // The last one: a message about an inner text carries the inner place first.
    while (matcher.find()) {
      line = Integer.parseInt(matcher.group(1));
      column = Integer.parseInt(matcher.group(2));
    }
    return new Script.Refused(matcher.replaceAll("").trim(), line, column);
  }

  /** `start`: an offset in bytes. */
  static Script.Refused refusedAt(String message, byte[] text, int start) {
    String before = new String(Arrays.copyOf(text, start), StandardCharsets.UTF_8);
    int lineStart = before.lastIndexOf('\n') + 1;
    int line = 1 + (int) before.chars().filter((c) -> c == '\n').count();
    return new Script.Refused(message, line, 1 + before.codePointCount(lineStart, before.length()));
  }

  /** As many code points, in as many lines, of nothing. */
  static String blank(String text) {
    return text.codePoints()
        .map((c) -> c == '\n' || c == '\r' || c == '\t' ? c : ' ')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}

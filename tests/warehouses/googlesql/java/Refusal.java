/** A rule of BigQuery's that the analyzer leaves to the engine and that this program checks itself. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  Refusal(String message) {
    super(message);
  }
}

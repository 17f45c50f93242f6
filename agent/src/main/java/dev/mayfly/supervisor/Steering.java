package dev.mayfly.supervisor;

/** Takes what a person does to a job while it runs. */
public interface Steering {
  /**
   * Passes a signal on.
   *
   * @param number as signal(7) numbers it
   */
  void signal(int number);

  /** Tells the terminal's new size. */
  void resize(int rows, int columns);
}

package dev.mayfly.monitor;

import static dev.mayfly.monitor.SampleEvents.created;
import static dev.mayfly.monitor.SampleEvents.executed;
import static dev.mayfly.monitor.SampleEvents.exited;
import static dev.mayfly.monitor.SampleEvents.forked;
import static dev.mayfly.monitor.SampleEvents.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Actor;
import org.junit.jupiter.api.Test;

class ProcessTreeTest {
  private final ProcessTree tree = new ProcessTree();

  @Test
  void remembersWhoMadeAProcessAfterThatOneEnded() {
    tree.apply(executed(1, 0, "/bin/sh", "sh", "-c", "make"));
    tree.apply(forked(1, 2));
    tree.apply(executed(2, 1, "/usr/bin/make", "make"));
    tree.apply(forked(2, 3));
    tree.apply(exited(2, 0));
    Actor actor = tree.apply(executed(3, 1, "/usr/bin/curl", "curl", "-s"));

    assertThat(actor.ancestors(9)).extracting(Actor::program).containsExactly("make", "sh");
    assertThat(actor.generation()).isEqualTo(2);
    assertThat(ProcessChain.text(actor)).isEqualTo("sh > make > curl -s");
  }

  @Test
  void takesAForkForItsParentsProgramUntilItExecutesSomething() {
    tree.apply(executed(1, 0, "/bin/bash", "bash", "job.sh"));
    Actor forked = tree.apply(forked(1, 2));
    assertThat(forked.path()).isEqualTo("/bin/bash");
    assertThat(forked.key()).isEqualTo(key(2));
    assertThat(ProcessChain.text(forked)).isEqualTo("bash job.sh");
  }

  /** Two processors may tell them the other way round. */
  @Test
  void findsTheParentOfAProcessWhoseExecutionWasToldBeforeItsBeginning() {
    tree.apply(executed(1, 0, "/bin/sh", "sh"));
    tree.apply(executed(2, 7, "/bin/ls", "ls"));
    tree.apply(forked(1, 2));
    Actor actor = tree.apply(created(2, "/x"));
    assertThat(actor.program()).isEqualTo("ls");
    assertThat(actor.parent().orElseThrow().program()).isEqualTo("sh");
  }

  @Test
  void knowsOneThatEndedByItsNumberAlone() {
    tree.apply(executed(5, 1, "/bin/cp", "cp", "a", "b"));
    tree.apply(exited(5, 0));
    assertThat(tree.apply(created(5, "/b")).program()).isEqualTo("cp");
  }

  @Test
  void takesANumberThatIsGivenAgainForAnotherProcess() {
    tree.apply(executed(5, 1, "/bin/cp", "cp"));
    tree.apply(exited(5, 0));
    tree.apply(forked(6, 5));
    assertThat(tree.apply(created(5, "/b")).path()).isEmpty();
  }

  @Test
  void numbersUsersAsTheSandboxDoes() {
    tree.rootIs(99_000);
    assertThat(tree.apply(executed(5, 1, "/bin/id", "id")).uid()).isEqualTo(1_000);
  }
}

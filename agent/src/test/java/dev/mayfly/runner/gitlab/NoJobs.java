package dev.mayfly.runner.gitlab;

import dev.mayfly.job.Job;
import dev.mayfly.job.Redaction;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobSession;
import java.util.List;
import java.util.function.Consumer;

/** For what never comes to a job. */
final class NoJobs implements GitLabFront.JobServices {
  @Override
  public Policy policyFor(Job job) {
    throw new AssertionError("a job");
  }

  @Override
  public List<String> undecided(Job job) {
    throw new AssertionError("a job");
  }

  @Override
  public JobSession start(JobRequest request, Consumer<String> messages) {
    throw new AssertionError("a job");
  }

  @Override
  public String report(JobResult result, Redaction redaction) {
    throw new AssertionError("a job");
  }
}

/**
 * GitLab: {@code gitlab-runner} as a child of the supervisor, and what its custom executor's hooks
 * ask for. What it promises is in its source ({@code executors/custom}, {@code common/build.go}).
 */
@NullMarked
package dev.mayfly.runner.gitlab;

import org.jspecify.annotations.NullMarked;

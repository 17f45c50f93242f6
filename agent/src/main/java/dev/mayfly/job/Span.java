package dev.mayfly.job;

import java.time.Duration;
import java.time.Instant;

/** One stretch of a job's time. */
public record Span(String name, Instant start, Duration duration) {}

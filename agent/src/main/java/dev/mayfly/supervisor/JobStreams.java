package dev.mayfly.supervisor;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/**
 * What a job's command reads and writes.
 *
 * @param messages takes Mayfly's own lines for the job's log
 */
public record JobStreams(
    InputStream stdin, OutputStream stdout, OutputStream stderr, Consumer<String> messages) {}

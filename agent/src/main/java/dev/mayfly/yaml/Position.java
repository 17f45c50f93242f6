package dev.mayfly.yaml;

/**
 * A place in a text file.
 *
 * @param line from 1
 * @param column from 1, in UTF-16 code units as editors count
 */
public record Position(int line, int column) {}

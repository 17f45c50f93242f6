package dev.mayfly.event;

/**
 * An event with the process that did it, as it was then: of one that executed something, as it is
 * from now on.
 */
public record Observation(Event event, Actor actor) {}

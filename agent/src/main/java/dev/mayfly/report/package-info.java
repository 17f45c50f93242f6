/** What is known of a job, for machines and for people. */
@NullMarked
package dev.mayfly.report;

import org.jspecify.annotations.NullMarked;

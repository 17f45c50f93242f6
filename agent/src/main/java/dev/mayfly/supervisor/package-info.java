/** The life of a job, and the clearing of what dead supervisors left. */
@NullMarked
package dev.mayfly.supervisor;

import org.jspecify.annotations.NullMarked;

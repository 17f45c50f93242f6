/** One container with its workspace, network attachment and watch; used by one job, once. */
@NullMarked
package dev.mayfly.sandbox;

import org.jspecify.annotations.NullMarked;

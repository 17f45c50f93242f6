/** The configuration file, from text to validated records. */
@NullMarked
package dev.mayfly.config;

import org.jspecify.annotations.NullMarked;

/**
 * Apicurio Registry as a child process: the schemas of all records, on the API that Confluent's
 * clients speak.
 */
@NullMarked
package io.penstock.standalone.registry;

import org.jspecify.annotations.NullMarked;

/** Pure: OpenAI's models at Azure, which differ in addresses, credentials and filters. */
@NullMarked
package io.penstock.worker.dialect.azure;

import org.jspecify.annotations.NullMarked;

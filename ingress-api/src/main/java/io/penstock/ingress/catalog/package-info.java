/** Pure: policy as code, from the text of a penstock.yaml to the changes of the catalogue. */
@NullMarked
package io.penstock.ingress.catalog;

import org.jspecify.annotations.NullMarked;

/** The Kafka Streams shell around the ledger: topology, stores, processor. */
@NullMarked
package io.penstock.billing.stream;

import org.jspecify.annotations.NullMarked;

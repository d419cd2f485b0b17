package io.penstock.platform;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.CatalogReader;
import io.penstock.platform.kafka.KafkaClients;
import java.nio.file.Path;

/**
 * What a process gives to the services in it; on one machine all four share it.
 *
 * @param node stable name of this process: the same after a restart, so that Kafka gives it its
 *     partitions back at once
 * @param instance unique to one start of this process
 * @param kafka makes Kafka clients
 * @param catalog the catalogue, current by the time a service gets it
 * @param apiKeys tells whose key a secret is
 * @param blobs large bodies, files
 * @param metrics where meters are registered
 * @param stateDirectory where Kafka Streams keeps its stores
 */
public record Platform(
    String node,
    String instance,
    KafkaClients kafka,
    CatalogReader catalog,
    ApiKeys apiKeys,
    BlobStore blobs,
    PrometheusMeterRegistry metrics,
    Path stateDirectory) {}

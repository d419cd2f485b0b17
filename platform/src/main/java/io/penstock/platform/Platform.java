package io.penstock.platform;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.catalog.CatalogReader;
import io.penstock.platform.kafka.KafkaClients;
import java.nio.file.Path;

/**
 * What a process gives to the services in it; on one machine all four share it.
 *
 * @param instance unique to one start of this process
 * @param kafka makes Kafka clients
 * @param catalog the catalogue, current by the time a service gets it
 * @param blobs large bodies, files
 * @param metrics where meters are registered
 * @param stateDirectory where Kafka Streams keeps its stores
 */
public record Platform(
    String instance,
    KafkaClients kafka,
    CatalogReader catalog,
    BlobStore blobs,
    PrometheusMeterRegistry metrics,
    Path stateDirectory) {}

package io.penstock.standalone.node;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the one process runs.
 *
 * @param data directory of everything that survives a restart
 * @param port of the HTTP API on 127.0.0.1; 0 for any free one
 * @param catalog text of a {@code penstock.yaml} to publish at start; null to leave the catalogue
 *     as it is
 * @param settings text of a YAML file with the services' own settings ({@code ingress}, {@code
 *     router}, {@code worker}, {@code billing}); null for defaults
 */
public record NodeConfig(
    Path data, int port, @Nullable String catalog, @Nullable String settings) {}

package io.penstock.router.stream;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One memory for all RocksDB stores of the process, however many partitions it has: by default each
 * store takes its own 50 MB and more. Kafka Streams makes one of these for each store.
 */
public final class RocksMemory implements RocksDBConfigSetter {

  /** Key under which the size in bytes travels in the Streams configuration. */
  public static final String BYTES_CONFIG = "penstock.router.store.bytes";

  private static final long WRITE_BUFFER_BYTES = 2 << 20;
  private static final int WRITE_BUFFERS = 2;

  private static @Nullable Cache cache;
  private static @Nullable WriteBufferManager writeBuffers;

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    share(Long.parseLong(String.valueOf(configs.get(BYTES_CONFIG))), options);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(WRITE_BUFFERS);
  }

  private static synchronized void share(long bytes, Options options) {
    if (cache == null) {
      RocksDB.loadLibrary();
      cache = new LRUCache(bytes, -1, true);
      writeBuffers = new WriteBufferManager(bytes / 2, cache);
    }
    if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
      table.setBlockCache(cache);
      table.setCacheIndexAndFilterBlocks(true);
      table.setCacheIndexAndFilterBlocksWithHighPriority(true);
      table.setPinTopLevelIndexAndFilter(true);
      options.setTableFormatConfig(table);
    }
    options.setWriteBufferManager(writeBuffers);
  }

  /** Nothing here belongs to one store. */
  @Override
  public void close(String storeName, Options options) {}
}

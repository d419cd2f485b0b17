package io.penstock.platform.kafka;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Bounds the memory of all RocksDB stores of a process by one cache that they share: Streams' own
 * defaults are 50 MB of cache and 48 MB of write buffers for every store of every partition.
 * Thread-safe.
 *
 * <p>Kafka Streams makes it by name: set {@code rocksdb.config.setter} to this class.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {

  /**
   * Bytes of all caches, indexes, filters and write buffers together: what a busy process grows by.
   * Twice as much made a batch no faster.
   */
  private static final long BYTES_MAX = 16L << 20;

  private static final long WRITE_BUFFER_BYTES = 2L << 20;
  private static final int WRITE_BUFFERS = 2;
  private static final double BLOOM_BITS_PER_KEY = 10;

  static {
    RocksDB.loadLibrary();
  }

  // shared by all stores, so closed by none
  private static final Cache CACHE = new LRUCache(BYTES_MAX);
  private static final WriteBufferManager WRITE_BUFFER_MANAGER =
      new WriteBufferManager(BYTES_MAX / 2, CACHE);
  private static final BloomFilter BLOOM = new BloomFilter(BLOOM_BITS_PER_KEY);

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configuration) {
    options.setWriteBufferManager(WRITE_BUFFER_MANAGER);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(WRITE_BUFFERS);
    if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
      table.setBlockCache(CACHE);
      table.setFilterPolicy(BLOOM);
      table.setCacheIndexAndFilterBlocks(true);
      table.setCacheIndexAndFilterBlocksWithHighPriority(true);
      table.setPinTopLevelIndexAndFilter(true);
      options.setTableFormatConfig(table);
    }
  }

  @Override
  public void close(String storeName, Options options) {
    // nothing of this belongs to one store
  }
}

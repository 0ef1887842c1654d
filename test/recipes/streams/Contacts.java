import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.Stores;

/** A table of contacts, kept from the `flat` envelope: a tombstone removes its row. */
public class Contacts {
  public static void main(String[] args) {
    String brokers = args[0], topic = args[1], applicationId = args[2];

    StreamsBuilder builder = new StreamsBuilder();
    builder
        .table(
            topic,
            Consumed.with(Serdes.String(), Serdes.String()),
            Materialized.as(Stores.inMemoryKeyValueStore("contacts")))
        .toStream()
        .foreach((id, json) -> System.out.println(id + " = " + json));

    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    // Every change shows at once; with the default cache, the newest one each 30 seconds.
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }
}

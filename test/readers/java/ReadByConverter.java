import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.apicurio.registry.utils.converter.AvroConverter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;

/**
 * Reads Avro values with Apicurio's converter for Kafka Connect. Argument: the registry's address. Input: a topic and a
 * value in base64 per line. Output: the value as JSON, a line for each.
 */
public class ReadByConverter {
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build());

  public static void main(String[] args) throws Exception {
    try (AvroConverter<?> converter = new AvroConverter<>()) {
      converter.configure(
          Map.of(
              "apicurio.registry.url", args[0],
              "apicurio.registry.as-confluent", true,
              "apicurio.registry.use-id", "contentId"),
          false);

      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split("\t");
        byte[] value = Base64.getDecoder().decode(parts[1]);
        out.println(MAPPER.writeValueAsString(plain(converter.toConnectData(parts[0], value).value())));
      }
      out.flush();
    }
    System.exit(0);
  }

  private static Object plain(Object value) {
    if (value instanceof Struct) {
      Struct struct = (Struct) value;
      Map<String, Object> fields = new LinkedHashMap<>();
      for (Field field : struct.schema().fields()) {
        Object own = struct.get(field);
        fields.put(field.name(), own instanceof Date ? time((Date) own, field) : plain(own));
      }
      return fields;
    }
    if (value instanceof List)
      return ((List<?>) value).stream().map(ReadByConverter::plain).collect(Collectors.toList());
    if (value instanceof BigDecimal) return ((BigDecimal) value).toPlainString();
    return value;
  }

  /** Connect has one class for dates and times. */
  private static String time(Date value, Field field) {
    Instant instant = value.toInstant();
    return Timestamp.LOGICAL_NAME.equals(field.schema().name())
        ? instant.toString()
        : instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }
}

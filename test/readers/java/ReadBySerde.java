import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads values with Apicurio's Kafka deserializer of a format. Arguments: the format, the registry's address, the name
 * of the Protobuf message. Input: a topic and a value in base64 per line. Output: the value as JSON, a line for each.
 */
public class ReadBySerde {
  private static final Map<String, String> DESERIALIZERS =
      Map.of(
          "avro", "io.apicurio.registry.serde.avro.AvroKafkaDeserializer",
          "json-schema", "io.apicurio.registry.serde.jsonschema.JsonSchemaKafkaDeserializer",
          "protobuf", "io.apicurio.registry.serde.protobuf.ProtobufKafkaDeserializer");
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build());
  private static final JsonFormat.Printer PROTOBUF =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  public static void main(String[] args) throws Exception {
    String format = args[0], registry = args[1], message = args[2];
    try (Deserializer<?> deserializer =
        (Deserializer<?>)
            Class.forName(DESERIALIZERS.get(format)).getDeclaredConstructor().newInstance()) {
      Map<String, Object> settings = new HashMap<>();
      settings.put("apicurio.registry.url", registry);
      settings.put("apicurio.registry.serde.validation-enabled", true);
      if (format.equals("protobuf"))
        settings.put("apicurio.registry.deserializer.value.return-class", DynamicMessage.class);
      settings.put("apicurio.registry.serde.read-indexes", true);
      settings.put("apicurio.registry.serde.read-type-ref", false);
      deserializer.configure(settings, false);

      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split("\t");
        RecordHeaders headers = new RecordHeaders();
        // The deserializer skips the index of the message, and has to be told its name.
        if (format.equals("protobuf"))
          headers.add("apicurio.value.msgType", message.getBytes(StandardCharsets.UTF_8));
        byte[] value = Base64.getDecoder().decode(parts[1]);
        out.println(MAPPER.writeValueAsString(plain(deserializer.deserialize(parts[0], headers, value))));
      }
      out.flush();
    }
    // Its registry client keeps threads of its own.
    System.exit(0);
  }

  private static Object plain(Object value) throws Exception {
    if (value instanceof GenericRecord) {
      GenericRecord record = (GenericRecord) value;
      return plain(record.getSchema(), record);
    }
    return value instanceof Message ? MAPPER.readTree(PROTOBUF.print((Message) value)) : value;
  }

  private static Object plain(Schema schema, Object value) {
    if (value == null) return null;
    LogicalType logical = schema.getLogicalType();
    switch (schema.getType()) {
      case UNION:
        return plain(
            schema.getTypes().stream()
                .filter(one -> one.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow(),
            value);
      case RECORD:
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Schema.Field field : schema.getFields())
          fields.put(
              field.name(), plain(field.schema(), ((GenericRecord) value).get(field.pos())));
        return fields;
      case MAP:
        Map<String, Object> entries = new LinkedHashMap<>();
        ((Map<?, ?>) value)
            .forEach((name, own) -> entries.put(name.toString(), plain(schema.getValueType(), own)));
        return entries;
      case ARRAY:
        List<Object> items = new ArrayList<>();
        for (Object item : (Iterable<?>) value) items.add(plain(schema.getElementType(), item));
        return items;
      case BYTES:
        return new Conversions.DecimalConversion()
            .fromBytes((ByteBuffer) value, schema, logical)
            .toPlainString();
      case INT:
        return logical instanceof LogicalTypes.Date
            ? LocalDate.ofEpochDay((int) value).toString()
            : value;
      case STRING:
      case ENUM:
        return value.toString();
      default:
        return value;
    }
  }
}

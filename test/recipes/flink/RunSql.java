import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/** Runs the statements of a SQL file in a small Flink of its own, and prints what the queries yield. */
public class RunSql {
  public static void main(String[] args) throws Exception {
    String sql =
        Files.readString(Path.of(args[0]))
            .replace("${brokers}", args[1])
            .replace("${topic}", args[2])
            .replace("${registry}", args[3]);
    TableEnvironment flink = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    flink.getConfig().set("parallelism.default", "1");
    for (String statement : sql.split(";\\s*")) {
      if (!statement.isBlank()) flink.executeSql(statement).print();
    }
  }
}

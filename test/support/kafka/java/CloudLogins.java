import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler;

/**
 * Logins as managed clouds check them: a JWT with the SASL extensions of Confluent Cloud, or the
 * presigned URL of Amazon MSK, whose signature is computed anew.
 */
public class CloudLogins implements AuthenticateCallbackHandler {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");
  private final OAuthBearerValidatorCallbackHandler jwts = new OAuthBearerValidatorCallbackHandler();

  @Override
  public void configure(
      Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
    jwts.configure(configs, mechanism, entries);
  }

  @Override
  public void close() {
    jwts.close();
  }

  @Override
  public void handle(Callback[] callbacks) throws java.io.IOException, UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof OAuthBearerExtensionsValidatorCallback extensions) check(extensions);
      else if (callback instanceof OAuthBearerValidatorCallback login && !isJwt(login)) check(login);
      else jwts.handle(new Callback[] {callback});
    }
  }

  private static boolean isJwt(OAuthBearerValidatorCallback login) {
    return login.tokenValue().contains(".");
  }

  private static void check(OAuthBearerExtensionsValidatorCallback callback) {
    if (!callback.token().value().contains(".")) return;
    Map<String, String> sent = callback.inputExtensions().map();
    for (String name : Set.of("logicalCluster", "identityPoolId")) {
      String expected = System.getProperty("cloud." + name);
      String found = sent.get(name);
      if (expected.equals(found)) callback.valid(name);
      else callback.error(name, "unknown " + name + ": " + found);
    }
  }

  private static void check(OAuthBearerValidatorCallback callback) {
    try {
      callback.token(mskToken(callback.tokenValue()));
    } catch (Exception problem) {
      callback.error("invalid_token", null, null);
    }
  }

  private static OAuthBearerToken mskToken(String token) throws Exception {
    URI url = URI.create(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
    Map<String, String> raw = new TreeMap<>();
    for (String pair : url.getRawQuery().split("&")) raw.put(pair.split("=")[0], pair.split("=")[1]);
    String signature = raw.remove("X-Amz-Signature");
    require(raw.remove("User-Agent") != null);
    String[] scope = decoded(raw.get("X-Amz-Credential")).split("/");
    require(url.getHost().equals("kafka." + scope[2] + ".amazonaws.com"));
    require(decoded(raw.get("Action")).equals("kafka-cluster:Connect"));
    require(scope[0].equals(System.getProperty("cloud.accessKeyId")));
    require(scope[3].equals("kafka-cluster"));
    require(raw.get("X-Amz-Expires").equals("900"));
    Instant signed = LocalDateTime.parse(raw.get("X-Amz-Date"), TIME).toInstant(ZoneOffset.UTC);
    require(Math.abs(Instant.now().getEpochSecond() - signed.getEpochSecond()) < 900);

    String query = String.join("&", raw.entrySet().stream().map(Object::toString).toList());
    String request =
        String.join("\n", "GET", "/", query, "host:" + url.getHost(), "", "host", hash(""));
    String where = String.join("/", Arrays.copyOfRange(scope, 1, scope.length));
    String text =
        String.join("\n", "AWS4-HMAC-SHA256", raw.get("X-Amz-Date"), where, hash(request));
    byte[] key = ("AWS4" + System.getProperty("cloud.secretAccessKey")).getBytes();
    for (int part = 1; part < scope.length; part++) key = hmac(key, scope[part]);
    require(HexFormat.of().formatHex(hmac(key, text)).equals(signature));
    return new Identity(token, scope[0], signed.toEpochMilli());
  }

  private record Identity(String value, String principalName, long signedMs)
      implements OAuthBearerToken {
    @Override
    public Set<String> scope() {
      return Set.of();
    }

    @Override
    public long lifetimeMs() {
      return signedMs + 900_000;
    }

    @Override
    public Long startTimeMs() {
      return signedMs;
    }
  }

  private static String decoded(String text) {
    return java.net.URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String hash(String text) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes());
    return HexFormat.of().formatHex(digest);
  }

  private static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void require(boolean holds) {
    if (!holds) throw new IllegalArgumentException();
  }
}

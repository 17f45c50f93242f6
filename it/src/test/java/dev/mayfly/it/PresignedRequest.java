package dev.mayfly.it;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A request whose address is signed, as <a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html">AWS signature
 * version 4</a> has it.
 */
final class PresignedRequest {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");
  private static final Duration CLOCKS_APART = Duration.ofMinutes(15);
  private static final int MOST_SECONDS = 7 * 24 * 3600;
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String SIGNATURE = "X-Amz-Signature";

  private final String method;
  private final String path;
  private final TreeMap<String, String> query = new TreeMap<>();
  private final Map<String, String> headers;
  private final boolean wellFormed;

  /** What addresses are signed with. */
  record Key(String id, String secret, String region) {}

  private PresignedRequest(
      String method, String path, Map<String, String> headers, String rawQuery, boolean other) {
    this.method = method;
    this.path = path;
    this.headers = headers;
    boolean well = !other;
    for (String pair : rawQuery.split("&")) {
      int equals = pair.indexOf('=');
      String name = decode(pair.substring(0, Math.max(equals, 0)));
      well &= equals > 0 && query.put(name, decode(pair.substring(equals + 1))) == null;
    }
    this.wellFormed = well;
  }

  /**
   * Takes one apart.
   *
   * @param headers names in lower case
   * @param authorization the header of that name, which no such request has; empty for none
   */
  static PresignedRequest of(
      String method, URI address, Map<String, String> headers, String authorization) {
    return new PresignedRequest(
        method,
        address.getRawPath(),
        headers,
        Optional.ofNullable(address.getRawQuery()).orElse(""),
        !authorization.isEmpty());
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** S3's code for what is wrong with it; empty where it is signed well. */
  Optional<String> objection(Key key, Instant now) {
    if (!query.containsKey(SIGNATURE)) {
      return Optional.of("AccessDenied");
    }
    Optional<Instant> since = since();
    int seconds = number("X-Amz-Expires");
    if (!wellFormed
        || !value("X-Amz-Algorithm").equals(ALGORITHM)
        || since.isEmpty()
        || seconds < 1
        || seconds > MOST_SECONDS
        || !signedHeaders().contains("host")) {
      return Optional.of("AuthorizationQueryParametersError");
    }
    if (!value("X-Amz-Credential").equals(key.id + "/" + scope(key))) {
      return Optional.of("InvalidAccessKeyId");
    }
    if (now.isBefore(since.get().minus(CLOCKS_APART))
        || now.isAfter(since.get().plusSeconds(seconds))) {
      return Optional.of("AccessDenied");
    }
    return MessageDigest.isEqual(bytes(value(SIGNATURE)), bytes(signature(key)))
        ? Optional.empty()
        : Optional.of("SignatureDoesNotMatch");
  }

  private Optional<Instant> since() {
    try {
      return Optional.of(LocalDateTime.parse(value("X-Amz-Date"), TIME).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private int number(String name) {
    return value(name).matches("[0-9]{1,7}") ? Integer.parseInt(value(name)) : 0;
  }

  private String value(String name) {
    return query.getOrDefault(name, "");
  }

  private List<String> signedHeaders() {
    return List.of(value("X-Amz-SignedHeaders").split(";"));
  }

  private String day() {
    return value("X-Amz-Date").substring(0, 8);
  }

  private String scope(Key key) {
    return day() + "/" + key.region + "/s3/aws4_request";
  }

  private String signature(Key key) {
    String toSign =
        String.join(
            "\n", ALGORITHM, value("X-Amz-Date"), scope(key), hex(sha256(canonicalRequest())));
    byte[] signing = bytes("AWS4" + key.secret);
    for (String part : List.of(day(), key.region, "s3", "aws4_request", toSign)) {
      signing = hmac(signing, part);
    }
    return hex(signing);
  }

  private String canonicalRequest() {
    String parameters =
        query.entrySet().stream()
            .filter(parameter -> !parameter.getKey().equals(SIGNATURE))
            .map(parameter -> encode(parameter.getKey()) + "=" + encode(parameter.getValue()))
            .collect(Collectors.joining("&"));
    String lines =
        signedHeaders().stream()
            .map(name -> name + ":" + headers.getOrDefault(name, "").strip() + "\n")
            .collect(Collectors.joining());
    return String.join(
        "\n", method, path, parameters, lines, value("X-Amz-SignedHeaders"), "UNSIGNED-PAYLOAD");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

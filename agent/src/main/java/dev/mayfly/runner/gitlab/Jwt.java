package dev.mayfly.runner.gitlab;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JSON Web Token (RFC 7519) as it was found, believed by nobody. Its text has nothing of it.
 *
 * @param signed what the signature is over
 */
record Jwt(JsonNode header, JsonNode claims, byte[] signed, byte[] signature) {
  /** What fits into a variable. */
  private static final int LONGEST = 1 << 17;

  private static final int DEEPEST = 16;
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9_-]++)\\.([A-Za-z0-9_-]++)\\.([A-Za-z0-9_-]*+)");
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(32)
                          .maxStringLength(LONGEST)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final JsonMapper LENIENT = JsonMapper.builder().build();

  /** What a text was found to be. */
  sealed interface Read {
    /** A token. */
    record Token(Jwt jwt) implements Read {}

    /** It has the form of one, but not everybody reads it the same. */
    record Unclear() implements Read {}

    /** Something else. */
    record Other() implements Read {}
  }

  /** Looks what a text is. */
  static Read read(String text) {
    if (text.length() > LONGEST) {
      return new Read.Other();
    }
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      return new Read.Other();
    }
    byte[] head;
    byte[] body;
    byte[] signature;
    try {
      head = decoded(parts.group(1));
      body = decoded(parts.group(2));
      signature = decoded(parts.group(3));
    } catch (IllegalArgumentException e) {
      return new Read.Other();
    }
    try {
      if (head.length == 0 || head[0] != '{' || body.length == 0 || body[0] != '{') {
        return new Read.Other();
      }
      JsonNode header = JSON.readTree(head);
      JsonNode claims = JSON.readTree(body);
      if (!header.path("alg").isTextual() || !claims.has("iss") || !claims.has("exp")) {
        return new Read.Other();
      }
      byte[] signed = (parts.group(1) + "." + parts.group(2)).getBytes(StandardCharsets.US_ASCII);
      return new Read.Token(new Jwt(header, claims, signed, signature));
    } catch (StreamConstraintsException e) {
      return new Read.Unclear();
    } catch (IOException e) {
      return somebodyReads(head) && somebodyReads(body) ? new Read.Unclear() : new Read.Other();
    }
  }

  /** Whether somebody who is less strict would take it for JSON. */
  private static boolean somebodyReads(byte[] json) {
    try {
      return LENIENT.readTree(json) != null;
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] decoded(String part) {
    return Base64.getUrlDecoder().decode(part);
  }

  /** A claim that is text, number or truth, as text. */
  Optional<String> claim(String name) {
    JsonNode value = claims.path(name);
    return value.isValueNode() && !value.isNull() ? Optional.of(value.asText()) : Optional.empty();
  }

  /** A claim that is a point in time. */
  Optional<Instant> time(String name) {
    JsonNode value = claims.path(name);
    return value.isNumber() && value.canConvertToLong()
        ? Optional.of(value.asLong())
            .filter(seconds -> seconds > 0 && seconds < Instant.MAX.getEpochSecond())
            .map(Instant::ofEpochSecond)
        : Optional.empty();
  }

  /** Whom it is for. */
  List<String> audiences() {
    JsonNode value = claims.path("aud");
    List<String> all = new ArrayList<>();
    if (value.isTextual()) {
      all.add(value.asText());
    }
    if (value.isArray()) {
      value.forEach(one -> all.add(one.asText()));
    }
    all.removeIf(String::isBlank);
    return all;
  }

  @Override
  public String toString() {
    return "Jwt";
  }
}

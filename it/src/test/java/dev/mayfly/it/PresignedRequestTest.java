package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example of Amazon's documentation, and what comes of it where a little is different. */
final class PresignedRequestTest {
  private static final PresignedRequest.Key KEY =
      new PresignedRequest.Key(
          "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");
  private static final String ADDRESS =
      "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
          + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
          + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
          + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  private static final Instant THEN = Instant.parse("2013-05-24T12:00:00Z");

  private static Optional<String> objection(String method, String address, Instant now) {
    URI uri = URI.create(address);
    return PresignedRequest.of(method, uri, Map.of("host", uri.getHost()), "").objection(KEY, now);
  }

  @Test
  void takesAnAddressThatIsSignedWell() {
    assertThat(objection("GET", ADDRESS, THEN)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/test.txt, /other.txt, SignatureDoesNotMatch",
    "examplebucket, otherbucket, SignatureDoesNotMatch",
    "aeeed9, aeeed8, SignatureDoesNotMatch",
    "Expires=86400, Expires=86401, SignatureDoesNotMatch",
    "&X-Amz-Signature=.*, '', AccessDenied",
    "AKIAIOSFODNN7EXAMPLE, AKIAIOSFODNN7OTHERS0, InvalidAccessKeyId",
    "Expires=86400, Expires=604801, AuthorizationQueryParametersError",
    "SignedHeaders=host, SignedHeaders=date, AuthorizationQueryParametersError",
    "Date=20130524T000000Z, Date=yesterday, AuthorizationQueryParametersError",
    "HMAC-SHA256, HMAC-SHA1, AuthorizationQueryParametersError",
    "&X-Amz-Date, &X-Amz-Expires=1&X-Amz-Date, AuthorizationQueryParametersError",
  })
  void refusesOneOfWhichAPartIsAnother(String part, String other, String code) {
    assertThat(objection("GET", ADDRESS.replaceFirst(part, other), THEN)).contains(code);
  }

  @Test
  void refusesAnotherMethodAndAnotherTime() {
    assertThat(objection("PUT", ADDRESS, THEN)).contains("SignatureDoesNotMatch");
    assertThat(objection("GET", ADDRESS, THEN.plusSeconds(86_400))).contains("AccessDenied");
    assertThat(objection("GET", ADDRESS, THEN.minusSeconds(86_400))).contains("AccessDenied");
  }
}

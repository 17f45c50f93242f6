package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.ImageScope;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.SecretScope;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** Tokens, keys and policies. */
final class SampleTokens {
  static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");
  static final KeyPair RSA = pair("RSA");
  static final KeyPair EC = pair("EC");

  private SampleTokens() {}

  private static KeyPair pair(String kind) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (kind.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else {
        generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static Policy policy(SecretScope scope, IdTokenPolicy tokens) {
    Policy d = Policy.DEFAULT;
    return new Policy(
        d.name(),
        d.image(),
        d.requireDigest(),
        d.pull(),
        d.identity(),
        d.readOnlyRoot(),
        d.seccompKnobs(),
        d.limits(),
        d.egress(),
        d.monitor(),
        d.match(),
        d.onFinding(),
        scope,
        tokens,
        ImageScope.EVERY);
  }

  /** Claims that GitLab would make for job 10 of g/p. */
  static String claims(String more) {
    return claims(NOW.minusSeconds(10), NOW.plusSeconds(600), "\"https://vault.example\"", more);
  }

  static String claims(Instant issued, Instant expiry, String audience, String more) {
    return "{\"iss\":\"https://gitlab.example\",\"iat\":%d,\"exp\":%d,\"aud\":%s,\"job_id\":\"10\",\"project_path\":\"g/p\",\"ref\":\"main\",\"ref_protected\":\"true\"%s}"
        .formatted(issued.getEpochSecond(), expiry.getEpochSecond(), audience, more);
  }

  static String token(String header, String claims) {
    return encoded(header.getBytes(UTF_8)) + "." + encoded(claims.getBytes(UTF_8)) + ".c2ln";
  }

  static String unsigned(String claims) {
    return token("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", claims);
  }

  static String signed(String header, String claims, KeyPair pair) {
    String part = encoded(header.getBytes(UTF_8)) + "." + encoded(claims.getBytes(UTF_8));
    try {
      Signature signature =
          Signature.getInstance(
              pair.getPublic() instanceof RSAPublicKey
                  ? "SHA256withRSA"
                  : "SHA256withECDSAinP1363Format");
      signature.initSign(pair.getPrivate());
      signature.update(part.getBytes(UTF_8));
      return part + "." + encoded(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Both keys, as an instance publishes them. */
  static String jwks() {
    RSAPublicKey rsa = (RSAPublicKey) RSA.getPublic();
    ECPublicKey ec = (ECPublicKey) EC.getPublic();
    return """
        {"keys":[
          {"kty":"RSA","kid":"r","use":"sig","alg":"RS256","n":"%s","e":"%s"},
          {"kty":"EC","kid":"e","crv":"P-256","x":"%s","y":"%s"},
          {"kty":"oct","k":"c2VjcmV0"},
          {"kty":"RSA","n":"AQAB","e":"AQAB"}]}
        """
        .formatted(
            number(rsa.getModulus()),
            number(rsa.getPublicExponent()),
            number(ec.getW().getAffineX()),
            number(ec.getW().getAffineY()));
  }

  private static String number(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return encoded(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}

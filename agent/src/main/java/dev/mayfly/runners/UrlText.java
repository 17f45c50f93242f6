package dev.mayfly.runners;

/** URLs as people wrote them, for messages. */
public final class UrlText {
  private UrlText() {}

  /** Without what may be a password or a token: who is before {@code @}, and the query. */
  public static String withoutSecrets(String url) {
    int query = url.indexOf('?');
    String asked = query < 0 ? url : url.substring(0, query) + "?…";
    int at = url.lastIndexOf('@');
    if (at < 0) {
      return asked;
    }
    String scheme = url.replaceFirst("(?s)^([A-Za-z][A-Za-z0-9+.-]*://)?.*$", "$1");
    String host = url.substring(at + 1);
    int further = host.indexOf('?');
    return scheme + "…@" + (further < 0 ? host : host.substring(0, further) + "?…");
  }
}

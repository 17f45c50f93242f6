package dev.mayfly.egress;

import dev.mayfly.egress.HostFiles.Named;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** Mirrors of Maven, and the repositories of its profiles that no mirror stands for. */
final class MavenSettings {
  private static final ErrorHandler SILENT =
      new ErrorHandler() {
        @Override
        public void warning(SAXParseException e) {}

        @Override
        public void error(SAXParseException e) throws SAXException {
          throw e;
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
          throw e;
        }
      };

  private MavenSettings() {}

  private record Repository(String id, Named named) {}

  static List<Named> read(HostFiles files) {
    List<Named> found = new ArrayList<>();
    List<String> mirrored = new ArrayList<>();
    List<Repository> repositories = new ArrayList<>();
    for (String path : List.of("/etc/maven/settings.xml", files.inHome(".m2/settings.xml"))) {
      files
          .text(path)
          .ifPresent(
              text -> {
                try {
                  Document settings = parse(text);
                  mirrors(settings, path, files, found, mirrored);
                  repositories(settings, path, files, repositories);
                } catch (ParserConfigurationException | SAXException | IOException e) {
                  files.problem(path + " is not XML that is read here: " + e.getMessage());
                }
              });
    }
    repositories.stream()
        .filter(repository -> mirrored.stream().noneMatch(of -> covers(of, repository.id())))
        .map(Repository::named)
        .forEach(found::add);
    return found;
  }

  /** Without DTDs, so that no entity can reach for a file or another host, or grow. */
  private static Document parse(String text)
      throws ParserConfigurationException, SAXException, IOException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
    factory.setXIncludeAware(false);
    factory.setExpandEntityReferences(false);
    DocumentBuilder builder = factory.newDocumentBuilder();
    builder.setErrorHandler(SILENT);
    return builder.parse(new InputSource(new StringReader(text)));
  }

  private static void mirrors(
      Document settings, String path, HostFiles files, List<Named> found, List<String> mirrored) {
    for (Element mirror : elements(settings, "mirror")) {
      if (!child(mirror, "blocked").equals("true")) {
        mirrored.add(child(mirror, "mirrorOf"));
        found.add(new Named(files.expanded(child(mirror, "url")), path));
      }
    }
  }

  private static void repositories(
      Document settings, String path, HostFiles files, List<Repository> found) {
    for (String kind : List.of("repository", "pluginRepository")) {
      for (Element repository : elements(settings, kind)) {
        found.add(
            new Repository(
                child(repository, "id"),
                new Named(files.expanded(child(repository, "url")), path)));
      }
    }
  }

  /** Whether a mirrorOf pattern takes a repository, as far as its id tells. */
  private static boolean covers(String pattern, String id) {
    List<String> parts = Arrays.stream(pattern.split(",")).map(String::strip).toList();
    return !parts.contains("!" + id)
        && (parts.contains("*") || parts.contains("external:*") || parts.contains(id));
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static String child(Element parent, String name) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return node.getTextContent().strip();
      }
    }
    return "";
  }
}

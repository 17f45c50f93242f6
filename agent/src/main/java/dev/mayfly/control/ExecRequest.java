package dev.mayfly.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code mayfly exec} was asked for. Paths are absolute: the supervisor has another working
 * directory.
 *
 * @param job its id
 * @param policy the policy's name
 * @param image instead of the policy's
 * @param arguments with the program first, as bytes
 * @param environment {@code NAME=VALUE}, as bytes
 * @param workspace directory to copy in
 * @param keepWorkspace existing directory to copy the workspace out to
 * @param reportDir instead of the configuration's
 * @param record file to write down what the sandbox is seen to do
 * @param terminal absent: pipes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExecRequest(
    String job,
    String policy,
    @Nullable String image,
    List<byte[]> arguments,
    List<byte[]> environment,
    @Nullable String workspace,
    @Nullable String keepWorkspace,
    @Nullable String reportDir,
    @Nullable String record,
    @Nullable TerminalSize terminal) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public ExecRequest {
    Objects.requireNonNull(job, "job");
    Objects.requireNonNull(policy, "policy");
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
  }

  /** Of a terminal, in characters. */
  public record TerminalSize(int rows, int columns) {}

  byte[] toJson() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  static ExecRequest parse(byte[] json) throws ControlProtocolException {
    try {
      return JSON.readValue(json, ExecRequest.class);
    } catch (JsonProcessingException e) {
      throw new ControlProtocolException("a request that is " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new ControlProtocolException("a request that can't be read: " + e.getMessage());
    }
  }
}

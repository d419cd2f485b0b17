package io.penstock.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SecondSignalTest {

  /** A process that does not come to the end of its stop. */
  static final class Stopping {
    private Stopping() {}

    public static void main(String[] arguments) throws InterruptedException {
      var never = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .unstarted(
                      () -> {
                        SecondSignal.ends();
                        say("stopping");
                        try {
                          never.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                      }));
      say("runs");
      never.await();
    }

    private static void say(String what) {
      System.out.println(what);
      System.out.flush();
    }
  }

  @Test
  void aProcessThatStopsInOrderEndsAtOnceWhenItIsAskedAgain() throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Stopping.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("runs");
      process.toHandle().destroy();
      assertThat(out.readLine()).isEqualTo("stopping");
      assertThat(process.isAlive()).isTrue();

      process.toHandle().destroy();

      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(130);
    } finally {
      process.destroyForcibly();
    }
  }
}

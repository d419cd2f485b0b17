package io.penstock.simulator.inference;

import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.behaviour.ModelName;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.InferenceRequest.Input;

/** Vectors of length 1 that follow from seed, model and text, and mean nothing. */
public final class Vectors {
  private Vectors() {}

  /** What all vectors of a request start from; orders in the model's name do not change it. */
  public static long base(Embeddings request, long seed) {
    return Hash.mix(seed, Hash.of(ModelName.parse(request.model()).base()));
  }

  /** The vector of a text. */
  public static float[] vector(Input input, long base, int dimensions) {
    long draw = Hash.mix(base, input.contentHash());
    var vector = new float[dimensions];
    double squares = 0;
    for (int index = 0; index < dimensions; index++) {
      // 24 bits: all that a float holds, so that the number written is the number encoded.
      float value = ((int) (Hash.mix(draw + index) >> 40)) / (float) (1 << 23);
      vector[index] = value;
      squares += value * value;
    }
    float scale = (float) (1 / Math.sqrt(Math.max(squares, Float.MIN_NORMAL)));
    for (int index = 0; index < dimensions; index++) {
      vector[index] *= scale;
    }
    return vector;
  }
}

package io.neurflow.core.label.vision;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.neurflow.core.label.PngPicture;
import java.nio.charset.StandardCharsets;

/**
 * A question on pictures.
 *
 * @param role who the model should be, for the system message
 * @param task what it should do
 * @param exhibits the pictures, each under a title, after the task
 */
public record VisionQuestion(String role, String task, ImmutableList<Exhibit> exhibits) {
    /**
     * A picture.
     *
     * @param title what to call it
     * @param picture the picture
     */
    public record Exhibit(String title, PngPicture picture) {}

    /**
     * All words of the question.
     *
     * @return role, task and titles
     */
    public String words() {
        StringBuilder words = new StringBuilder(role).append("\n\n").append(task);
        exhibits.forEach(exhibit -> words.append("\n\n").append(exhibit.title()).append(": [picture]"));
        return words.toString();
    }

    /**
     * SHA-256 of the pictures' digests.
     *
     * @return 64 hexadecimal digits
     */
    public String picturesDigest() {
        Hasher hasher = Hashing.sha256().newHasher();
        exhibits.forEach(exhibit -> hasher.putString(exhibit.picture().digest(), StandardCharsets.UTF_8));
        return hasher.hash().toString();
    }

    VisionQuestion withRemark(String remark) {
        return new VisionQuestion(role, task + "\n\n" + remark, exhibits);
    }
}

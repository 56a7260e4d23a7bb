import "./x-ray";
import "./owner/copy-button";
import "./owner/live-region";
import "./owner/place-editor";
import "./owner/upload-form";

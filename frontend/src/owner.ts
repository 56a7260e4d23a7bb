import "./x-ray";
import "./owner/copy-button";
import "./owner/live-region";
import "./owner/place-editor";
import "./owner/tabs";
import "./owner/upload-form";

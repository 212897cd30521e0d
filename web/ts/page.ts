/* What a script adds to the pages of residents; all of it works without. */

import { guardForms } from './forms';
import { reloadInTime } from './reload';

guardForms(document);
reloadInTime(document);

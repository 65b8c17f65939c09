"""STG100 to STG149: losses, data formats and conversions."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

_SEVERAL = """stgen = 1
model = { type = "cross-encoder", base = "b" }
[[data]]
name = "pairs"
train = "p.jsonl"
columns = { text_1 = "a", text_2 = "b", binary = "y" }
[[data]]
name = "nli"
train = "n.jsonl"
columns = { text_1 = "a", text_2 = "b", class = { column = "c", names = ["no", "maybe", "yes"] } }"""

_DATA_OF_TEXTS = (
    'stgen = 1\nmodel = { type = "dense", base = "b", router = true }\n'
    'data = [{ train = "t.jsonl", columns = { text = "t", class = "c" } }]'
)

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG100", "roles that make no data format",
         "A loss takes columns by position. Roles that don't go together would hand it an input too many, or a label that it ignores without a word.",
         'data = [{ train = "train.jsonl", columns = { anchor = "q", negative = "n" } }]',
         "Add the role that is missing, or leave out the one that is too many; the finding names the nearest format."),
    Code("STG101", "no such loss",
         "The name is none of the losses of this model type.",
         'loss = { name = "CosineSimilarity" }',
         "Write the name as the library spells it; `stgen losses` lists them. Leave it out for the default of your data."),
    Code("STG102", "a loss of another model type",
         "Losses belong to a model type: each expects what that type's forward pass gives.",
         'loss = { name = "LambdaLoss" }',
         "Name a loss of this type, or change the type."),
    Code("STG103", "data that the loss can't take",
         "Most losses don't check their input: with a column or label of another kind they train, and learn something else or nothing.",
         'loss = { name = "CoSENTLoss" }',
         "Name a loss for this data, map other columns, or accept a conversion where the finding offers one."),
    Code("STG104", "no loss for this data",
         "No loss of this model type takes this format, not even after the conversions that lose nothing.",
         'model = { type = "multi-vector" }\ndata = [{ train = "train.jsonl", columns = { text = "t", class = "c" } }]',
         "Accept a conversion, give the data other labels, or choose another model type."),
    Code("STG105", "a loss that this spec rules out",
         "The loss fits the data, but needs something that the spec lacks or can't be combined with something that it has.",
         'loss = { name = "GISTEmbedLoss" }',
         "Add what it needs, or name another of the losses listed."),
    Code("STG107", "no such parameter",
         "The loss's constructor would refuse it, after the model has been loaded.",
         "loss = { params = { temperatur = 0.05 } }",
         "Write one of the parameters that the finding lists."),
    Code("STG108", "a parameter of the wrong kind",
         "Values that the constructor takes but can't use fail late, or train silently wrong.",
         'loss = { params = { scale = "20" } }',
         "Write a value of the kind that the finding names."),
    Code("STG109", "a deprecated loss",
         "The library has folded it into another loss and will remove it.",
         'loss = { name = "MultipleNegativesSymmetricRankingLoss" }',
         "Write the successor with the parameters that the finding gives: the gradients are equal."),
    Code("STG110", "no such data format",
         "`convert` names the formats that the data may be converted to.",
         'loss = { convert = ["tripplet"] }',
         "Write one of the formats that the finding lists."),
    Code("STG111", "no conversion to this format",
         "No chain of conversions leads from this data to that format.",
         'loss = { convert = ["pair-class"] }',
         "Name a format that the finding lists, or leave `convert` out."),
    Code("STG112", "a conversion without its setting",
         "A threshold between positive and negative pairs, or the mining of hard negatives, decides what the model learns: there is no value that suits everybody.",
         'loss = { convert = ["n-tuple"] }',
         "Write the line that the finding shows, with your values."),
    Code("STG113", "no teacher to label the data",
         "Embeddings, scores and margins to imitate come from a model, which runs over all rows in prepare.py.",
         'loss = { convert = ["pair-score"] }',
         'Add teacher = "..." under [loss], or name a column that holds the labels.'),
    Code("STG114", "an option without effect",
         "The option belongs to another conversion than the one that the data goes through, so nothing would come of it.",
         'loss = { convert = [{ to = "triplet", threshold = 0.5, mine = { negatives = 2 } }] }',
         "Leave it out."),
    Code("STG115", "a threshold that separates nothing",
         "With all pairs on one side of the threshold there is nothing to tell apart. It is given in the unit of the declared range of scores.",
         'data = [{ train = "train.jsonl", columns = { text_1 = "a", text_2 = "b", score = { column = "s", min = 0, max = 5 } } }]\n'
         'loss = { convert = [{ to = "pair-binary", threshold = 7 }] }',
         "Write a threshold inside the declared range."),
    Code("STG116", "no model that could mine",
         "Hard negatives are found by searching with embeddings. A cross-encoder has none, and those of an untrained sparse, multi-vector or static model, or of a router whose encoders don't agree yet, mean nothing.",
         'model = { type = "cross-encoder" }\nloss = { convert = [{ to = "list", mine = { negatives = 5 } }] }',
         "Name a dense model under mine.model."),
    Code("STG117", "a loss that can't stand alone",
         "Modifiers, wrappers and regularizers work around or beside another loss.",
         'loss = { name = "MatryoshkaLoss" }',
         "Write the key that asks for it; the finding names it."),
    Code("STG118", "mining that can't find anything",
         "The settings contradict each other, or one of them would be ignored by the library without a word.",
         'loss = { convert = [{ to = "triplet", mine = { negatives = 5, range_max = 3 } }] }',
         "Write what the finding shows."),
    Code("STG119", "a teacher that nothing asks",
         "The model is named, and no conversion has it label the data: it would never be loaded.",
         'loss = { teacher = "sentence-transformers/all-MiniLM-L6-v2" }',
         "Accept the conversion that the finding shows, or leave the teacher out."),
    Code("STG120", "a key that this loss has no use for",
         "It would silently be without effect.",
         "loss = { regularize = { query = 5e-5 } }",
         "Leave it out, or name a loss that uses it."),
    Code("STG121", "a guide that is the model itself",
         "A guide hides those negatives that it takes for right answers. The trained model would hide nearly all of its own.",
         'loss = { guide = "sentence-transformers/all-MiniLM-L6-v2" }',
         "Name another model, best a stronger one."),
    Code("STG122", "no class of a file",
         "The generated train.py imports the class from a module that lies beside it, so both must be Python names, and the module's no other's: a torch.py would hide torch.",
         'loss = { custom = "my-losses.py" }',
         'Write the file and the class, such as "my_losses.py:MyLoss".'),
    Code("STG123", "two losses for one data set",
         "`name` takes a loss of the library, `custom` a class of your own; a data set is trained with one.",
         'loss = { name = "TripletLoss", custom = "my_losses.py:MyLoss" }',
         "Remove one of the two."),
    Code("STG124", "losses that one model can't serve together",
         "Several data sets train one model, which has one number of outputs and compares embeddings in one way.",
         _SEVERAL,
         "Name losses that agree, or train a model on each set."),
    Code("STG125", "a router on data without queries",
         "A router has one encoder for queries and another one for documents, and each learns from the texts on its side. Where every text is a document, the query encoder would stay as it was, and nobody would be told.",
         _DATA_OF_TEXTS,
         "Map anchor and positive, or text_1 and text_2; accept the conversion that the finding shows; or leave router out."),
    Code("STG126", "a batch with nothing to compare",
         "An in-batch loss takes the other rows of the batch for negatives, CoSENT and AnglE compare rows with each other, and losses for classes need two texts of one class and one of another. On a batch without them the loss is 0 from the first step, which looks like success.",
         "train = { batch_size = 1 }",
         "Write a larger batch_size: it counts the rows of all devices together."),
    Code("STG127", "a sparse model that nothing keeps sparse",
         "Of the two weights one holds down how many words a text is given. At 0 nothing does, and search becomes slow and large without a word.",
         'model = { type = "sparse" }\nloss = { regularize = { document = 0.0 } }',
         "Write a small weight, such as 3e-5, or leave the key out.", "warning"),
    Code("STG128", "a model that nothing measures on this data",
         "A loss of your own takes any data, and the library's evaluators don't: a cross-encoder scores pairs, and a single text is none.",
         'model = { type = "cross-encoder" }\nloss = { custom = "my_losses.py:MyLoss" }\ndata = [{ train = "t.jsonl", columns = { text = "sentence" } }]',
         "Map columns to anchor and positive, or to text_1, text_2 and a label."),
)
# fmt: on
